// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/experiment/document.h"

#include <string>
#include <vector>

namespace tw {

// Edits of the stages of an experiment, for programs that let a person make them.

/// Names of the fields that a stage has of its own ("train", "steps"), in the document's order.
std::vector<std::string> ownFields(const Stage& stage);
/// The stage takes these fields from the experiment again.
void inheritFields(Stage& stage, const std::vector<std::string>& fields);

/// Puts an edited stageOf(whole, stage) back: what was changed and may be a stage's becomes its
/// own, the rest (model, name, device ...) is changed for all stages.
void putStage(Experiment& whole, std::size_t stage, const Experiment& edited);

/// Adds a stage behind another one (-1: behind the last) that has the same of its own, a new name,
/// and goes on from the result of the one before it. Where there were no stages, the experiment as
/// it is becomes the first. Returns its index.
std::size_t addStage(Experiment& whole, int behind = -1);
/// Whoever started from its result starts afresh. Where one stage is left, the experiment becomes
/// that one, without stages.
void removeStage(Experiment& whole, std::size_t stage);
/// The stage changes its place with the one at `to`.
void swapStages(Experiment& whole, std::size_t stage, std::size_t to);
/// "stage:NAME" is renamed wherever it stands.
void renameStage(Experiment& whole, std::size_t stage, const std::string& name);

} // namespace tw
