// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"
#include "core/job/job_control.h"
#include "core/objective/objective.h"
#include "core/train/batch_source.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tw {

/// What one optimiser step did.
struct StepReport
{
    std::int64_t step = 0; ///< from 1
    double loss = 0.0; ///< mean per trained token of the whole step, before its update, in nats
    double learningRate = 0.0;
    double gradientNorm = 0.0; ///< before clipping
    std::int64_t tokens = 0; ///< read
    std::int64_t trainedTokens = 0; ///< or rows, or pairs: what the objective counts
    std::map<std::string, double> measures = {}; ///< further means over the same count
    double seconds = 0.0;
    std::int64_t memoryBytes = 0; ///< resident, of the process

    double tokensPerSecond() const
    {
        return seconds > 0 ? static_cast<double>(tokens) / seconds : 0.0;
    }
};

/// The parts a run is made of; the loop owns none of them.
struct TrainingParts
{
    const Model& model;
    Adapter& adapter;
    const Objective& objective;
    ParamValues objectiveSettings;
    Optimizer& optimizer;
    const Schedule& schedule;
    ParamValues scheduleSettings;
    const BatchSource& batches;
    const Tokenizer* tokenizer = nullptr; ///< for objectives that put tokens into the batches
};

struct TrainingPlan
{
    std::int64_t steps = 0; ///< optimiser steps of the whole run
    std::int64_t accumulation = 1; ///< forward passes per step
    std::int64_t evaluateEvery = 0; ///< steps; 0: only before the first and after the last
    std::int64_t checkpointEvery = 0; ///< steps; 0: only at the end
    std::int64_t keepCheckpoints = 3; ///< the newest ones
    std::filesystem::path folder; ///< checkpoints go to folder/step-N; empty: none are written
    std::uint64_t seed = 0; ///< of dropout
    std::string baseModelName; ///< for adapter_config.json
    std::string
        fingerprint; ///< of all that must be equal when a run goes on: frozen document, file hashes
};

/// Called in the thread of the run, between two steps. Each may be empty.
struct TrainingEvents
{
    std::function<void(const StepReport&)> stepped;
    std::function<void(std::int64_t step)> evaluate; ///< after `step` steps; 0: before the first
    std::function<void(std::int64_t step, const std::filesystem::path&)> saved;
    std::function<void(const std::string&)> noticed; ///< a sentence for the run's events
};

struct TrainingResult
{
    std::int64_t steps = 0; ///< done in total, those before a resume included
    bool isStopped = false; ///< somebody asked to end it early
    double lastLoss = 0.0;
    std::filesystem::path checkpoint; ///< the last one written
};

/// Trains until plan.steps are done. Where plan.folder holds a checkpoint of this run, goes on from
/// the newest one that is whole; on the CPU with the same number of threads the losses are then
/// those of the uninterrupted run, bit for bit. A stop finishes the step, writes a checkpoint and
/// returns; a cancel throws Cancelled and writes none. A loss or gradient that is no number ends
/// the run with an Error on the last good state, which is saved first.
TrainingResult train(const TrainingParts& parts,
                     const TrainingPlan& plan,
                     const TrainingEvents& events,
                     JobControl& control);

/// From what an objective changes batch `number` of a run. It depends on these two only: a
/// checkpoint needs no state.
RandomStream corruptionStream(std::uint64_t seed, std::int64_t number);

/// Loss over all batches of one epoch of `batches`.
struct HeldOutLoss
{
    double sum = 0.0; ///< nats
    std::int64_t trainedTokens = 0;
    std::map<std::string, double> measures = {}; ///< sums over the same count
    std::map<std::string, Ratio> ratios = {};

    /// Mean per trained token.
    double mean() const { return meanOf(sum); }
    double meanOf(double total) const
    {
        return trainedTokens > 0 ? total / static_cast<double>(trainedTokens) : 0.0;
    }
};
/// Without gradients and dropout. Throws Cancelled.
HeldOutLoss heldOutLoss(const Model& model,
                        const Objective& objective,
                        const ParamValues& objectiveSettings,
                        const BatchSource& batches,
                        JobControl& control,
                        const Tokenizer* tokenizer = nullptr);

} // namespace tw
