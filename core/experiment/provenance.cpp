// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/provenance.h"

#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/experiment/stages.h"

#include <torch/headeronly/version.h>

#include <algorithm>
#include <filesystem>

namespace tw {
namespace {

namespace fs = std::filesystem;

/// The files a model is made of: the file itself, or what is in its folder (not below it).
std::vector<fs::path> filesOf(const fs::path& path)
{
    if (!fs::is_directory(path))
        return {path};
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(path)) {
        const std::string extension = entry.path().extension().string();
        if (entry.is_regular_file()
            && (extension == ".json" || extension == ".safetensors" || extension == ".gguf"
                || extension == ".bin" || extension == ".jinja" || extension == ".model"))
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

Json hashesOf(const std::string& path, JobControl& control)
{
    Json hashes = Json::object();
    for (const fs::path& file : filesOf(path)) {
        const auto size = static_cast<std::int64_t>(fs::file_size(file));
        hashes[file.filename().string()] = sha256File(file, [&](std::size_t done) {
            control.report("hashing", static_cast<std::int64_t>(done), size);
            control.throwIfCancelled();
        });
    }
    return hashes;
}

/// Renaming a run or moving its files does not keep it from going on: their contents count.
void forgetPaths(Experiment& experiment)
{
    experiment.name.clear();
    experiment.model.clear();
    const auto forget = [](DataPart& part) {
        if (!part.path.empty())
            part.path = "file";
    };
    for (DataPart* part : {&experiment.train, &experiment.heldOut, &experiment.general})
        forget(*part);
    for (Stage& stage : experiment.stages)
        for (std::optional<DataPart>* part : {&stage.train, &stage.heldOut})
            if (*part)
                forget(**part);
}

std::string fingerprintOf(Experiment experiment, const Json& model, const Json& data)
{
    forgetPaths(experiment);
    std::string all = toJsonText(experiment) + model.dump();
    for (const Json& part : data)
        all += part.at("sha256").front().dump();
    return sha256(all);
}

/// Everything that the experiment reads besides its model, once, in the order of its stages.
std::vector<std::string> filesReadBy(const Experiment& experiment)
{
    std::vector<std::string> paths;
    const auto add = [&paths](const std::string& path) {
        if (!path.empty() && !path.starts_with(kStagePrefix)
            && std::ranges::find(paths, path) == paths.end())
            paths.push_back(path);
    };
    for (const Experiment& stage : stagesOf(experiment)) {
        add(stage.train.path);
        add(stage.heldOut.path);
        add(stage.general.path);
        std::ranges::for_each(stage.adapters, add);
        for (const AdaptationChoice& choice : stage.adaptations)
            add(choice.from);
    }
    return paths;
}

} // namespace

Provenance provenanceOf(const Experiment& experiment, std::int64_t threads, JobControl& control)
{
    Json data = Json::array();
    for (const std::string& path : filesReadBy(experiment))
        data.push_back({{"path", path}, {"sha256", hashesOf(path, control)}});
    const Json model = hashesOf(experiment.model, control);
    const std::string document = sha256(toJsonText(experiment));
    const Json json {
        {"seed", experiment.seed},
        {"threads", threads},
        {"device", "cpu"},
        {"dtype", "float32"},
        {"versions",
         {{"tunewright", TW_VERSION}, {"libtorch", TORCH_VERSION}, {"compiler", __VERSION__}}},
        {"document_sha256", document},
        {"model", {{"path", experiment.model}, {"sha256", model}}},
        {"data", data}};
    return {json.dump(), fingerprintOf(experiment, model, data)};
}

} // namespace tw
