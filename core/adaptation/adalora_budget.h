// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adalora_delta.h"
#include "core/adaptation/adapter_parts.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tw {

/// When and how far AdaLoRA takes ranks away; the defaults are PEFT's.
struct AdaloraSchedule
{
    std::int64_t targetRank = 8; ///< that is left to a layer on average
    std::int64_t firstSteps = 0; ///< tinit: nothing is taken away up to this step
    std::int64_t lastSteps = 0; ///< tfinal: nothing changes any more in so many steps at the end
    std::int64_t every = 1; ///< deltaT: steps between two decisions
    double sensitivityMemory = 0.85; ///< beta1
    double uncertaintyMemory = 0.85; ///< beta2
    double orthogonality = 0.5; ///< orth_reg_weight
};

/// A layer whose ranks are counted.
struct AdaloraLayer
{
    std::string module;
    std::shared_ptr<const AdaloraDelta> delta;
};

/// The ranks of all layers after a step, counted from 0 (Zhang et al. 2023, equation 12, as PEFT
/// rounds it): all of them at first, then falling with the third power of the time that is left.
std::int64_t adaloraBudget(const AdaloraSchedule& schedule,
                           std::int64_t allRanks,
                           std::int64_t targetRanks,
                           std::int64_t step,
                           std::int64_t steps);

/// Takes ranks away from layers where they matter least (Zhang et al. 2023, algorithm 1). Steps are
/// counted and rounded as PEFT's RankAllocator does.
class AdaloraBudget
{
public:
    AdaloraBudget(AdaloraSchedule schedule, std::vector<AdaloraLayer> layers);

    /// How far P and Q are from orthogonal, times its weight: the mean of |P^T P - I| and
    /// |Q Q^T - I| over all layers (equation 4, without the square, as PEFT).
    at::Tensor penalty() const;
    /// Throws Error where the schedule leaves no step to decide in.
    void check(const TrainingMoment& moment) const;
    /// Updates the importance of each rank by parameters and gradients, and takes ranks away where
    /// it is time to.
    void update(const TrainingMoment& moment);

    /// Whether anything has been decided yet.
    bool isDecided() const;
    /// The ranks that a layer keeps; all where nothing is decided.
    std::vector<bool> kept(std::size_t layer) const;
    /// Steps of the run that was seen last; 0: none.
    std::int64_t steps() const;
    /// What is left of the tensors of each layer, by module and name.
    NamedTensors written() const;
    /// adapter_config.json with the ranks that are kept, and with the steps of the run.
    std::string withRanks(const std::string& config) const;
    /// As Adapter::state().
    NamedTensors state() const;

private:
    struct Averages ///< of |parameter x gradient|
    {
        at::Tensor importance;
        at::Tensor uncertainty;
        at::Tensor score() const { return importance * uncertainty; }
    };
    struct Memory ///< of a layer
    {
        Averages Q;
        Averages E;
        Averages P;
        at::Tensor kept; ///< [rank], 1 or 0
    };

    void follow(Averages& averages, const at::Tensor& parameter) const;
    void decide(std::int64_t tooMany);
    void silence();
    at::Tensor scores(std::size_t layer) const; ///< [rank]

    AdaloraSchedule m_schedule;
    std::vector<AdaloraLayer> m_layers;
    std::vector<Memory> m_memory; ///< of each layer
    at::Tensor m_progress; ///< steps of the run; whether anything is decided
};

/// Lets parts train with the budget, and write what it keeps.
void addBudget(AdapterParts& parts, const std::shared_ptr<AdaloraBudget>& budget);

} // namespace tw
