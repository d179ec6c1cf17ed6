// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/stage_edits.h"

#include "core/experiment/stage_fields.h"
#include "core/experiment/stages.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace tw {
namespace {

/// What to do with a text that names the result of a stage; an empty answer: it names none now.
using Rewrite = std::function<std::string(const std::string&)>;

void rewrite(std::vector<std::string>& adapters, const Rewrite& change)
{
    for (std::string& adapter : adapters)
        adapter = change(adapter);
    std::erase(adapters, std::string());
}

void rewrite(std::vector<AdaptationChoice>& choices, const Rewrite& change)
{
    for (AdaptationChoice& choice : choices) {
        choice.from = change(choice.from);
        for (auto it = choice.settings.begin(); it != choice.settings.end();) {
            auto* text = std::get_if<std::string>(&it->second);
            const bool isNamed = text != nullptr && !text->empty();
            if (isNamed)
                *text = change(*text);
            it = isNamed && text->empty() ? choice.settings.erase(it) : std::next(it);
        }
    }
}

/// Wherever the result of a stage is named, in all of the document.
void rewriteResults(Experiment& whole, const std::string& name, const std::string& replacement)
{
    const std::string old = kStagePrefix + name;
    const Rewrite change = [&](const std::string& text) {
        return text == old ? replacement : text;
    };
    rewrite(whole.adapters, change);
    rewrite(whole.adaptations, change);
    for (Stage& stage : whole.stages) {
        if (stage.adapters)
            rewrite(*stage.adapters, change);
        if (stage.adaptations)
            rewrite(*stage.adaptations, change);
    }
}

std::string freshName(const Experiment& whole)
{
    for (std::size_t number = whole.stages.size() + 1;; ++number) {
        std::string name = "stage " + std::to_string(number);
        if (std::ranges::find(whole.stages, name, &Stage::name) == whole.stages.end())
            return name;
    }
}

} // namespace

std::vector<std::string> ownFields(const Stage& stage)
{
    std::vector<std::string> own;
    visitStageFields([&](const char* name, auto, auto field) {
        if (stage.*field)
            own.emplace_back(name);
    });
    return own;
}

void inheritFields(Stage& stage, const std::vector<std::string>& fields)
{
    visitStageFields([&](const char* name, auto, auto field) {
        if (std::ranges::find(fields, name) != fields.end())
            (stage.*field).reset();
    });
}

void putStage(Experiment& whole, std::size_t stage, const Experiment& edited)
{
    const Experiment before = stageOf(whole, stage);
    std::vector<Stage> stages = whole.stages;
    Experiment after = edited;
    visitStageFields([&](const char*, auto shared, auto own) {
        if (edited.*shared != before.*shared)
            stages[stage].*own = edited.*shared;
        after.*shared = whole.*shared;
    });
    after.stages = std::move(stages);
    whole = std::move(after);
}

std::size_t addStage(Experiment& whole, int behind)
{
    if (whole.stages.empty())
        whole.stages.push_back({freshName(whole)});
    const std::size_t before =
        behind < 0 ? whole.stages.size() - 1 : static_cast<std::size_t>(behind);
    Stage added = whole.stages.at(before);
    added.name = freshName(whole);
    // Without the result of the one before, what that one learned would be lost.
    const std::vector<AdaptationChoice> methods = stageOf(whole, before).adaptations;
    AdaptationChoice goesOn = methods.empty() ? AdaptationChoice() : methods.front();
    goesOn.from = kStagePrefix + whole.stages[before].name;
    added.adaptations = {goesOn};
    whole.stages.insert(whole.stages.begin() + static_cast<std::ptrdiff_t>(before) + 1,
                        std::move(added));
    return before + 1;
}

void removeStage(Experiment& whole, std::size_t stage)
{
    const std::string name = whole.stages.at(stage).name;
    if (whole.stages.size() > 1) {
        whole.stages.erase(whole.stages.begin() + static_cast<std::ptrdiff_t>(stage));
        rewriteResults(whole, name, {});
    }
    if (whole.stages.size() == 1)
        whole = stageOf(whole, 0);
}

void swapStages(Experiment& whole, std::size_t stage, std::size_t to)
{
    std::swap(whole.stages.at(stage), whole.stages.at(to));
}

void renameStage(Experiment& whole, std::size_t stage, const std::string& name)
{
    rewriteResults(whole, std::exchange(whole.stages.at(stage).name, name), kStagePrefix + name);
}

} // namespace tw
