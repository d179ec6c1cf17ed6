// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/task_head.h"

#include "core/adaptation/task_head.h"
#include "core/base/error.h"
#include "core/model/other_task.h"
#include "core/objective/label_logits.h"
#include "core/objective/registry.h"

#include <algorithm>

namespace tw {
namespace {

/// What a head without named labels gives: Transformers counts them so.
const std::vector<std::string> kOneNumber {"LABEL_0"};

bool canHave(const ModelSource& source, ModelTask task)
{
    if (!hasLabels(task))
        return false;
    try {
        withTask(source, task, kOneNumber, 0);
        return true;
    } catch (const Error&) { // the family has no such head
        return false;
    }
}

} // namespace

std::optional<ModelTask> taskOf(const Objective& objective, const ModelSource& source)
{
    const auto& tasks = objective.tasks;
    if (std::ranges::find(tasks, source.config.task) != tasks.end())
        return source.config.task;
    const auto it =
        std::ranges::find_if(tasks, [&](ModelTask task) { return canHave(source, task); });
    return it == tasks.end() ? std::nullopt : std::optional(*it);
}

bool beginsWithNewHead(const Experiment& experiment)
{
    const auto it = experiment.objective.settings.find(kNewHead);
    const bool isAsked = it != experiment.objective.settings.end()
        && std::get_if<bool>(&it->second) != nullptr && std::get<bool>(it->second);
    const bool goesOn = !experiment.adapters.empty()
        || std::ranges::any_of(experiment.adaptations,
                               [](const AdaptationChoice& choice) { return !choice.from.empty(); });
    return isAsked && !goesOn;
}

ModelSource sourceFor(const Experiment& experiment,
                      const ModelSource& source,
                      const std::vector<std::string>& labels)
{
    const Objective& objective = objectives().at(experiment.objective.method);
    const auto task = taskOf(objective, source);
    if (!task)
        throw Error("A model of the kind " + source.config.architecture
                        + " cannot be trained at what the experiment aims at (" + objective.title
                        + ").",
                    "Choose another objective, or a model made for this one.");
    const bool isSame = source.config.task == *task;
    const bool isNew = beginsWithNewHead(experiment);
    if (isSame && !isNew && (!hasLabels(*task) || labels.empty() || labels == source.config.labels))
        return source;
    return withTask(source, *task, labels.empty() ? kOneNumber : labels,
                    static_cast<std::uint64_t>(experiment.seed), isNew);
}

ModelSource openModelOf(const Experiment& experiment)
{
    std::vector<std::string> folders = experiment.adapters;
    for (const AdaptationChoice& choice : experiment.adaptations)
        if (!choice.from.empty())
            folders.push_back(choice.from);
    return openModelFor(experiment.model, folders);
}

ModelSource sourceFor(const Experiment& experiment, const std::vector<std::string>& labels)
{
    return sourceFor(experiment, openModelOf(experiment), labels);
}

} // namespace tw
