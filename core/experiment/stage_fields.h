// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/experiment/document.h"

namespace tw {

/// Calls visit(name, &Experiment::field, &Stage::field) for every field that a stage may have of
/// its own; for this room only.
template <typename Visit>
void visitStageFields(const Visit& visit)
{
    visit("adapters", &Experiment::adapters, &Stage::adapters);
    visit("train", &Experiment::train, &Stage::train);
    visit("heldOut", &Experiment::heldOut, &Stage::heldOut);
    visit("layout", &Experiment::layout, &Stage::layout);
    visit("maxLength", &Experiment::maxLength, &Stage::maxLength);
    visit("adaptations", &Experiment::adaptations, &Stage::adaptations);
    visit("objective", &Experiment::objective, &Stage::objective);
    visit("optimizer", &Experiment::optimizer, &Stage::optimizer);
    visit("schedule", &Experiment::schedule, &Stage::schedule);
    visit("steps", &Experiment::steps, &Stage::steps);
    visit("batchRows", &Experiment::batchRows, &Stage::batchRows);
    visit("accumulation", &Experiment::accumulation, &Stage::accumulation);
    visit("seed", &Experiment::seed, &Stage::seed);
}

} // namespace tw
