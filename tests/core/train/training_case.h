// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ten training steps of PEFT, Transformers or TRL, as tests/fixtures/training/make_cases.py
// recorded them.
#include "core/train/batch_source.h"
#include "core/train/training.h"

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
    std::string objective;
    ParamValues objectiveSettings;
    ParamValues optimizerSettings;
    std::vector<Batch> batches; ///< one a step
    std::vector<double> losses; ///< each before its update
    std::vector<double> gradientNorms; ///< each before it was cut
    /// Trained tensors that say nothing: their gradient is rounding noise, of which Adam makes
    /// whole steps.
    std::set<std::string> noise;

    std::int64_t steps() const { return static_cast<std::int64_t>(losses.size()); }
};

/// Names of all cases, sorted.
std::vector<std::string> trainingCases();
TrainingCase readTrainingCase(const std::string& name);

/// The batches of a case, in their order.
class CaseBatches final : public BatchSource
{
public:
    explicit CaseBatches(const std::vector<Batch>& batches)
        : m_batches(batches)
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
    const std::vector<Batch>& m_batches;
};

} // namespace tw
