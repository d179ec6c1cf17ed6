// SPDX-License-Identifier: Apache-2.0
#include "core/train/checkpoint.h"

#include "core/base/atomic_file.h"
#include "core/base/json.h"
#include "core/base/sha256.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <charconv>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStateFile = "state.json";
constexpr const char* kOptimizerFile = "optimizer.safetensors";
/// What the method remembers, and the trained tensors where its own files hold others.
constexpr const char* kMethodFile = "method.safetensors";
constexpr std::string_view kFolderPrefix = "step-";
constexpr int kFormat = 1;
constexpr std::size_t kLargestState = std::size_t {1} << 20U; // it has a dozen lines

Json stateJson(const TrainingState& state, const fs::path& folder)
{
    Json json {{"format", kFormat},
               {"step", state.step},
               {"batchesUsed", state.batchesUsed},
               {"tokens", state.tokens},
               {"trainedTokens", state.trainedTokens},
               {"lastLoss", state.lastLoss},
               {"seed", state.seed},
               {"threads", state.threads},
               {"fingerprint", state.fingerprint}};
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            json["files"][entry.path().lexically_relative(folder).generic_string()] =
                sha256File(entry.path());
    return json;
}

bool writesOthers(const Adapter& adapter)
{
    return !adapter.written().empty()
        || std::ranges::any_of(adapter.parts(),
                               [](const Adapter* part) { return writesOthers(*part); });
}

NamedTensors detached(NamedTensors tensors)
{
    for (auto& [name, tensor] : tensors)
        tensor = tensor.detach().contiguous();
    return tensors;
}

/// Values for these, by their names. Throws Error where one is not there.
std::vector<at::Tensor> readMethod(const fs::path& file, const NamedTensors& wanted)
{
    const auto stored = openTensorFile(file);
    std::vector<at::Tensor> values;
    for (const auto& [name, tensor] : wanted) {
        const TensorInfo* info = stored->find(name);
        if (info == nullptr || info->shape != tensor.sizes().vec())
            throw Error(file.string() + " does not belong to this run (" + name + ").",
                        "Resume with the experiment that wrote the checkpoint.");
        values.push_back(stored->read(name));
    }
    return values;
}

bool isWithin(const std::string& relative)
{
    const fs::path path(relative);
    return path.is_relative() && std::ranges::find(path, "..") == path.end();
}

/// What is read back into place: nothing for most methods.
NamedTensors rememberedOf(const Adapter& adapter)
{
    NamedTensors all;
    for (const auto& [name, tensor] : adapter.state())
        all.emplace_back("state." + name, tensor);
    if (writesOthers(adapter))
        for (const auto& [name, tensor] : adapter.parameters())
            all.emplace_back("parameter." + name, tensor);
    return all;
}

TrainingState stateFrom(const Json& json, const fs::path& file)
{
    if (json.value("format", 0) != kFormat)
        throw Error(file.string() + " was written by another version of Tunewright.",
                    "Resume with that version.");
    TrainingState state;
    state.step = json.at("step").get<std::int64_t>();
    state.batchesUsed = json.at("batchesUsed").get<std::int64_t>();
    state.tokens = json.at("tokens").get<std::int64_t>();
    state.trainedTokens = json.at("trainedTokens").get<std::int64_t>();
    state.lastLoss = json.at("lastLoss").get<double>();
    state.seed = json.at("seed").get<std::uint64_t>();
    state.threads = json.at("threads").get<std::int64_t>();
    state.fingerprint = json.at("fingerprint").get<std::string>();
    return state;
}

} // namespace

fs::path checkpointFolder(const fs::path& folder, std::int64_t step)
{
    return folder / (std::string(kFolderPrefix) + std::to_string(step));
}

std::vector<std::int64_t> checkpointSteps(const fs::path& folder)
{
    std::vector<std::int64_t> steps;
    if (!fs::is_directory(folder))
        return steps;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        std::int64_t step = -1;
        const char* end = name.data() + name.size();
        if (entry.is_directory() && name.starts_with(kFolderPrefix)
            && std::from_chars(name.data() + kFolderPrefix.size(), end, step).ptr == end
            && step >= 0)
            steps.push_back(step);
    }
    std::sort(steps.begin(), steps.end());
    return steps;
}

fs::path writeCheckpoint(const fs::path& folder,
                         const TrainingState& state,
                         const Adapter& adapter,
                         const Optimizer& optimizer,
                         const std::string& baseModelName)
{
    fs::create_directories(folder);
    const fs::path checkpoint = checkpointFolder(folder, state.step);
    writeFolder(checkpoint, [&](const fs::path& temporary) {
        writeAdapterFiles(adapter, baseModelName, temporary);
        writeSafetensors(temporary / kOptimizerFile, optimizer.state(), {{"format", "pt"}});
        if (const NamedTensors remembered = rememberedOf(adapter); !remembered.empty())
            writeSafetensors(temporary / kMethodFile, detached(remembered), {{"format", "pt"}});
        writeFile(temporary / kStateFile, stateJson(state, temporary).dump(2) + "\n");
    });
    return checkpoint;
}

TrainingState readState(const fs::path& checkpoint)
{
    const fs::path file = checkpoint / kStateFile;
    const Json json = readJsonFile(file, kLargestState);
    try {
        for (const auto& [name, hash] : json.at("files").items())
            if (!isWithin(name) || sha256File(checkpoint / name) != hash.get<std::string>())
                throw Error((checkpoint / name).string()
                                + " is not what was written: the checkpoint is damaged.",
                            "Resume from an earlier checkpoint.");
        return stateFrom(json, file);
    } catch (const nlohmann::json::exception& error) {
        throw Error(file.string() + " is not the state of a checkpoint (" + error.what() + ").",
                    "Resume from an earlier checkpoint.");
    }
}

void restoreCheckpoint(const fs::path& checkpoint, const Adapter& adapter, Optimizer& optimizer)
{
    NamedTensors into = rememberedOf(adapter);
    std::vector<at::Tensor> values =
        into.empty() ? std::vector<at::Tensor> {} : readMethod(checkpoint / kMethodFile, into);
    if (!writesOthers(adapter)) {
        for (at::Tensor& value : readAdapterTensors(adapter, checkpoint))
            values.push_back(std::move(value));
        for (const auto& parameter : adapter.parameters())
            into.push_back(parameter);
    }
    optimizer.restore(*openTensorFile(checkpoint / kOptimizerFile));
    const at::NoGradGuard noGrad;
    for (std::size_t i = 0; i < into.size(); ++i)
        into[i].second.copy_(values[i]);
}

NewestCheckpoint newestWholeCheckpoint(const fs::path& folder)
{
    NewestCheckpoint newest;
    const auto steps = checkpointSteps(folder);
    for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
        const fs::path checkpoint = checkpointFolder(folder, *it);
        try {
            newest.state = readState(checkpoint);
            newest.folder = checkpoint;
            break;
        } catch (const Error& error) { // said by the caller; the one before is tried
            newest.passedOver.push_back(checkpoint.filename().string() + " is passed over. "
                                        + error.what());
        }
    }
    return newest;
}

void dropOldCheckpoints(const fs::path& folder, std::int64_t step, std::int64_t keep)
{
    auto steps = checkpointSteps(folder);
    std::erase_if(steps, [&](std::int64_t other) { return other > step; });
    const auto count = static_cast<std::int64_t>(steps.size());
    for (std::int64_t i = 0; i < count - std::max<std::int64_t>(1, keep); ++i)
        fs::remove_all(checkpointFolder(folder, steps[static_cast<std::size_t>(i)]));
}

} // namespace tw
