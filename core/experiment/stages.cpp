// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/stages.h"

#include "core/base/text.h"
#include "core/experiment/stage_fields.h"

#include <algorithm>
#include <functional>
#include <set>

namespace tw {
namespace {

/// The value of a field that a stage may have of its own.
template <typename T>
void overlay(T& value, const std::optional<T>& own)
{
    if (own)
        value = *own;
}

/// Calls visit(text, field) for every text that may name the result of a stage.
void visitFolders(Experiment& stage,
                  const std::function<void(std::string&, const std::string& field)>& visit)
{
    for (std::size_t i = 0; i < stage.adapters.size(); ++i)
        visit(stage.adapters[i], "adapters[" + std::to_string(i) + "]");
    for (std::size_t i = 0; i < stage.adaptations.size(); ++i) {
        AdaptationChoice& choice = stage.adaptations[i];
        const std::string field = "adaptations[" + std::to_string(i) + "].";
        visit(choice.from, field + "from");
        for (auto& [id, value] : choice.settings)
            if (auto* text = std::get_if<std::string>(&value))
                visit(*text, field + "settings." + id);
    }
}

} // namespace

Experiment stageOf(const Experiment& experiment, std::size_t stage)
{
    const Stage& own = experiment.stages.at(stage);
    Experiment one = experiment;
    one.stages.clear();
    visitStageFields(
        [&](const char*, auto shared, auto ofStage) { overlay(one.*shared, own.*ofStage); });
    return one;
}

std::vector<Experiment> stagesOf(const Experiment& experiment)
{
    std::vector<Experiment> all;
    for (std::size_t i = 0; i < experiment.stages.size(); ++i)
        all.push_back(stageOf(experiment, i));
    if (all.empty())
        all.push_back(experiment);
    return all;
}

std::int64_t totalSteps(const Experiment& experiment)
{
    std::int64_t steps = 0;
    for (const Experiment& stage : stagesOf(experiment))
        steps += stage.steps;
    return steps;
}

std::filesystem::path
stageFolder(const std::filesystem::path& runFolder, const Experiment& experiment, std::size_t stage)
{
    if (experiment.stages.empty())
        return runFolder;
    return runFolder / "stages" / (std::to_string(stage + 1) + "-" + experiment.stages[stage].name);
}

Experiment withResults(Experiment stage, const std::map<std::string, StageResult>& results)
{
    visitFolders(stage, [&](std::string& text, const std::string& field) {
        if (!text.starts_with(kStagePrefix))
            return;
        const auto found = results.find(text.substr(std::string(kStagePrefix).size()));
        if (found == results.end())
            throw Error("There is no result of a " + text + ".",
                        "Name a stage that comes before this one.");
        text =
            (field.starts_with("adapters") ? found->second.whole : found->second.trained).string();
    });
    return stage;
}

bool isStageName(const std::string& name)
{
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == ' ';
    });
}

Problems checkStages(const Experiment& experiment)
{
    Problems problems;
    std::set<std::string> earlier;
    std::vector<Experiment> stages = stagesOf(experiment);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        const std::string prefix =
            experiment.stages.empty() ? "" : "stages[" + std::to_string(i) + "].";
        visitFolders(stages[i], [&](const std::string& text, const std::string& field) {
            if (!text.starts_with(kStagePrefix))
                return;
            const std::string name = text.substr(std::string(kStagePrefix).size());
            if (!earlier.contains(name))
                problems.push_back(
                    {prefix + field, "No stage before this one is called \"" + name + "\".",
                     earlier.empty()
                         ? "This is the first one: nothing can come "
                           "from an earlier stage."
                         : "Choose one of: " + join({earlier.begin(), earlier.end()}, ", ") + ".",
                     false});
        });
        if (experiment.stages.empty())
            break;
        const std::string& name = experiment.stages[i].name;
        if (!isStageName(name))
            problems.push_back({prefix + "name",
                                "A stage needs a name of letters, digits, spaces, - and _.",
                                "For example \"sft\" or \"preference\".", false});
        else if (!earlier.insert(name).second)
            problems.push_back({prefix + "name", "Two stages are called \"" + name + "\".",
                                "Give each its own name.", false});
    }
    return problems;
}

} // namespace tw
