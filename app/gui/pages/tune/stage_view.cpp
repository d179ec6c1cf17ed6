// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/stage_view.h"

#include "app/gui/session.h"
#include "core/workbench/project.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace tw {
namespace {

std::string prefixOf(int stage)
{
    return "stages[" + std::to_string(stage) + "].";
}

} // namespace

std::vector<StageChip> stageChips(const Experiment& whole, const Problems& problems)
{
    std::vector<StageChip> chips;
    for (std::size_t i = 0; i < whole.stages.size(); ++i) {
        const Experiment stage = stageOf(whole, i);
        StageChip chip;
        chip.name = text(whole.stages[i].name);
        chip.facts = QCoreApplication::translate("TunePage", "%1 on %2, %3 steps")
                         .arg(text(methodsInWords(stage)), baseName(stage.train.path),
                              QLocale().toString(qlonglong(stage.steps)));
        for (const Problem& problem : problems)
            if (!problem.isWarning && chip.problem.isEmpty()
                && problem.field.starts_with(prefixOf(static_cast<int>(i))))
                chip.problem = text(problem.what);
        chips.push_back(chip);
    }
    return chips;
}

Problems problemsOfStage(const Problems& problems, const Experiment& whole, int stage)
{
    if (stage < 0)
        return problems;
    const std::vector<std::string> own =
        ownFields(whole.stages.at(static_cast<std::size_t>(stage)));
    Problems found;
    for (Problem problem : problems) {
        const std::string prefix = prefixOf(stage);
        const std::string root = problem.field.substr(0, problem.field.find_first_of(".["));
        if (problem.field.starts_with(prefix))
            problem.field.erase(0, prefix.size());
        else if (root == "stages" || std::ranges::find(own, root) != own.end())
            continue; // another stage's
        found.push_back(std::move(problem));
    }
    return found;
}

Problems withStageNames(const Problems& problems, const Experiment& whole)
{
    Problems named = problems;
    for (Problem& problem : named)
        for (std::size_t i = 0; i < whole.stages.size(); ++i)
            if (problem.field.starts_with(prefixOf(static_cast<int>(i))))
                problem.what = QCoreApplication::translate("TunePage", "Stage “%1”: %2")
                                   .arg(text(whole.stages[i].name), text(problem.what))
                                   .toStdString();
    return named;
}

} // namespace tw
