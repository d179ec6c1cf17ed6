// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/pages/tune/stage_strip.h"
#include "core/workbench/experiment.h"

namespace tw {

/// The stages of an experiment for the strip; problems: of the whole document.
std::vector<StageChip> stageChips(const Experiment& whole, const Problems& problems);
/// What of the problems of the whole document is about a stage, at the fields of stageOf(): its own
/// and those that it inherits. -1: there are no stages, and all of them are.
Problems problemsOfStage(const Problems& problems, const Experiment& whole, int stage);
/// The problems of the whole document, each of a stage with the stage's name before it.
Problems withStageNames(const Problems& problems, const Experiment& whole);

} // namespace tw
