// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ten training steps of PEFT, Transformers or TRL, as tests/fixtures/training/make_cases.py
// recorded them.
#include "core/base/param.h"
#include "core/train/batch_source.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace tw {

struct TrainingCase
{
    std::string name;
    std::filesystem::path folder;
    std::filesystem::path base; ///< folder of the model
    std::string adaptation;
    /// Settings of ours where PEFT's file does not say all that matters; else the adapter is read.
    ParamValues adaptationSettings;
    std::string objective;
    ParamValues objectiveSettings;
    ParamValues optimizerSettings;
    std::vector<std::vector<TokenizedRow>> rows; ///< of each step
    std::vector<double> losses; ///< each before its update
    std::vector<double> gradientNorms; ///< each before it was cut
    std::map<std::string, double> said; ///< by TRL of the first step, under its names
    /// By TRL of the first step: log-probabilities of the answers without the adapter, of chosen
    /// ones and then of rejected ones; of IPO by token.
    std::vector<std::vector<double>> references;
    std::vector<double> divergences; ///< KTO: from the reference, of each step
    /// Trained tensors that say nothing: their gradient is rounding noise, of which Adam makes
    /// whole steps.
    std::set<std::string> noise;

    std::int64_t steps() const { return static_cast<std::int64_t>(losses.size()); }
};

/// Names of all cases, sorted.
std::vector<std::string> trainingCases();
TrainingCase readTrainingCase(const std::string& name);
/// Its rows as batches, one a step.
std::vector<Batch> packedSteps(const TrainingCase& given);

/// One batch a step.
class StepBatches final : public BatchSource
{
public:
    explicit StepBatches(std::vector<Batch> batches)
        : m_batches(std::move(batches))
    {
    }
    std::int64_t batchesPerEpoch() const override
    {
        return static_cast<std::int64_t>(m_batches.size());
    }
    Batch batch(std::int64_t index) const override
    {
        return m_batches.at(static_cast<std::size_t>(index % batchesPerEpoch()));
    }

private:
    std::vector<Batch> m_batches;
};

} // namespace tw
