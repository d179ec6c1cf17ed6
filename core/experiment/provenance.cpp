// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/provenance.h"

#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/experiment/stages.h"

#include <torch/headeronly/version.h>

#include <algorithm>
#include <filesystem>
#include <set>

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

/// One hash for all files of a folder and of those within it, which may be thousands of pictures.
Json hashOfTree(const fs::path& folder, JobControl& control)
{
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::string all;
    for (std::size_t i = 0; i < files.size(); ++i) {
        control.report("hashing", static_cast<std::int64_t>(i),
                       static_cast<std::int64_t>(files.size()));
        control.throwIfCancelled();
        all += files[i].lexically_relative(folder).string() + ' ' + sha256File(files[i]) + '\n';
    }
    return {{std::to_string(files.size()) + " files", sha256(all)}};
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
        for (const Json& hash : part.at("sha256"))
            all += hash.dump();
    return sha256(all);
}

/// Everything that the experiment reads besides its model, once, in the order of its stages.
Json hashesOfData(const Experiment& experiment, JobControl& control)
{
    Json all = Json::array();
    std::set<std::string> known {""};
    const auto add = [&](const std::string& path, bool isData) {
        if (path.starts_with(kStagePrefix) || !known.insert(path).second)
            return;
        const bool isTree = isData && fs::is_directory(path);
        all.push_back({{"path", path},
                       {"sha256", isTree ? hashOfTree(path, control) : hashesOf(path, control)}});
    };
    for (const Experiment& stage : stagesOf(experiment)) {
        for (const DataPart* part : {&stage.train, &stage.heldOut, &stage.general})
            add(part->path, true);
        for (const std::string& adapter : stage.adapters)
            add(adapter, false);
        for (const AdaptationChoice& choice : stage.adaptations)
            add(choice.from, false);
    }
    return all;
}

} // namespace

Provenance provenanceOf(const Experiment& experiment, std::int64_t threads, JobControl& control)
{
    const Json data = hashesOfData(experiment, control);
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
