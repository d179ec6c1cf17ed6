// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/workbench/project.h"
#include "core/workbench/tools.h"

#include <charconv>
#include <optional>

namespace tw {
namespace {

std::int64_t numberFrom(const std::string& digits, const std::string& text)
{
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (code != std::errc() || end != digits.data() + digits.size() || number < 0)
        throw Error("\"" + text + "\" names no model: \"" + digits + "\" is not a number.",
                    "Write PROJECT#RUN or PROJECT#RUN@STEP, both as numbers.");
    return number;
}

/// Folder of the adapter at a step; the newest one without a step.
std::string
adapterOf(const Project& project, const RunSummary& run, std::optional<std::int64_t> step)
{
    const auto checkpoints = project.checkpoints(run.id);
    if (!step) {
        if (!run.adapter.empty())
            return run.adapter;
        if (!checkpoints.empty())
            return checkpoints.back().folder;
        throw Error("Run " + std::to_string(run.id)
                        + " has neither an adapter nor a checkpoint yet.",
                    "Let it train further, or use @0 for the base.");
    }
    std::string known = "0";
    for (const Checkpoint& checkpoint : checkpoints) {
        if (checkpoint.step == *step)
            return checkpoint.folder;
        known += ", " + std::to_string(checkpoint.step);
    }
    throw Error("Run " + std::to_string(run.id) + " keeps no checkpoint of step "
                    + std::to_string(*step) + ".",
                "There are: " + known + ".");
}

} // namespace

std::optional<RunAddress> runAddressFrom(const std::string& text)
{
    const auto hash = text.rfind('#');
    if (hash == std::string::npos || std::filesystem::exists(text))
        return std::nullopt;
    const std::string tail = text.substr(hash + 1);
    const auto at = tail.find('@');
    RunAddress address {text.substr(0, hash), numberFrom(tail.substr(0, at), text), std::nullopt};
    if (at != std::string::npos)
        address.step = numberFrom(tail.substr(at + 1), text);
    return address;
}

ModelRef resolveModel(const std::string& text, const std::vector<std::string>& adapters)
{
    ModelRef ref;
    if (const auto address = runAddressFrom(text)) {
        const auto project = Project::open(address->project);
        project->throwIfLost();
        const RunSummary run = project->run(address->run);
        ref.model = project->experimentOf(run.id).model;
        if (address->step != 0)
            ref.adapter = adapterOf(*project, run, address->step);
    } else {
        ref.model = text;
    }
    for (const std::string& adapter : adapters) {
        if (ref.adapter.empty())
            ref.adapter = adapter;
        else
            ref.furtherAdapters.push_back(adapter);
    }
    return ref;
}

} // namespace tw
