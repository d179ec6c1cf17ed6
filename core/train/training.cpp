// SPDX-License-Identifier: Apache-2.0
#include "core/train/training.h"

#include "core/base/error.h"
#include "core/base/param.h"
#include "core/base/random.h"
#include "core/train/checkpoint.h"
#include "core/train/memory.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace tw {
namespace {

/// PyTorch's clip_grad_norm_ divides by norm + this.
constexpr double kClipEpsilon = 1e-6;

/// One run under way. Between two steps everything that a checkpoint needs is in m_state, adapter
/// and optimizer.
class Training
{
public:
    Training(const TrainingParts& parts,
             const TrainingPlan& plan,
             const TrainingEvents& events,
             JobControl& control)
        : m_parts(parts)
        , m_plan(plan)
        , m_events(events)
        , m_control(control)
        , m_parameters(parts.adapter.parameters())
    {
        m_state.seed = plan.seed;
        m_state.fingerprint = plan.fingerprint;
    }

    TrainingResult run()
    {
        const at::AutoGradMode withGradients(true); // grad mode is per thread
        goOnFromCheckpoint();
        m_state.threads = at::get_num_threads();
        if (m_state.step == 0)
            evaluate();
        m_control.report("training", m_state.step, m_plan.steps);
        while (m_state.step < m_plan.steps && !m_control.stopAsked()) {
            m_control.throwIfCancelled();
            step();
            afterStep();
        }
        // A stop that came while the last step was evaluated: nothing was due to be saved then.
        if (m_state.step > 0 && m_state.step < m_plan.steps && !isSaved())
            save();
        return {m_state.step, m_state.step < m_plan.steps, m_state.lastLoss, m_lastCheckpoint};
    }

private:
    struct Work
    {
        std::vector<Batch> batches;
        std::int64_t tokens = 0;
    };

    Work nextWork() const
    {
        Work work;
        for (std::int64_t i = 0; i < m_plan.accumulation; ++i) {
            work.batches.push_back(batchAt(m_state.batchesUsed + i));
            work.tokens += work.batches.back().tokenCount();
        }
        return work;
    }

    Batch batchAt(std::int64_t number) const
    {
        Batch batch = m_parts.batches.batch(number);
        if (m_parts.objective.corrupt) {
            RandomStream random = corruptionStream(m_plan.seed, number);
            m_parts.objective.corrupt(batch, m_parts.model, m_parts.objectiveSettings,
                                      {m_state.step, m_plan.steps, true, m_parts.tokenizer},
                                      random);
        }
        return batch;
    }

    void step()
    {
        const auto start = std::chrono::steady_clock::now();
        // What dropout draws depends on (seed, step) only, so a checkpoint needs no state of
        // LibTorch's generator.
        at::manual_seed(derivedSeed(m_plan.seed, "dropout/" + std::to_string(m_state.step)));
        const Work work = nextWork();
        StepReport report;
        report.step = m_state.step + 1;
        report.learningRate = learningRate();
        report.tokens = work.tokens;
        report.loss = accumulateGradients(work, report);
        const TrainingMoment moment {m_state.step, m_plan.steps, report.learningRate};
        m_parts.adapter.beforeUpdate(moment);
        report.gradientNorm = clipGradients();
        m_parts.optimizer.step(report.learningRate);
        m_parts.adapter.afterUpdate(moment);
        dropGradients();
        noteStep(work, report);
        report.seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        report.memoryBytes = residentBytes();
        m_control.report("training", m_state.step, m_plan.steps);
        if (m_events.stepped)
            m_events.stepped(report);
    }

    double learningRate() const
    {
        return m_parts.optimizer.learningRate()
            * m_parts.schedule.factor(m_state.step, m_plan.steps, m_parts.scheduleSettings);
    }

    /// Mean loss per counted token, row or pair over all batches of the step; their gradients add
    /// up to that of this mean.
    double accumulateGradients(const Work& work, StepReport& report)
    {
        double sum = 0.0;
        std::map<std::string, Ratio> ratios;
        for (const Batch& batch : work.batches) {
            throwIfCancelled();
            const LossSum loss =
                m_parts.objective.loss(m_parts.model, batch, m_parts.objectiveSettings);
            sum += loss.sum.item<double>();
            if (!std::isfinite(sum))
                failOnLastGoodState("loss", sum);
            if (loss.count > 0 && loss.sum.requires_grad())
                loss.sum.backward();
            report.trainedTokens += loss.count;
            for (const auto& [name, value] : loss.measures)
                report.measures[name] += value;
            for (const auto& [name, ratio] : loss.ratios)
                ratios[name] += ratio;
        }
        if (report.trainedTokens == 0) {
            notice("Step " + std::to_string(m_state.step + 1)
                   + " had no trained token and changed nothing.");
            return 0.0;
        }
        const auto count = static_cast<double>(report.trainedTokens);
        for (auto& [name, value] : report.measures)
            value /= count;
        for (const auto& [name, ratio] : ratios)
            if (ratio.count > 0.0)
                report.measures[name] = ratio.mean();
        divideGradients(count);
        return sum / count + addPenalty();
    }

    /// Only now is it known what the batches counted.
    void divideGradients(double count)
    {
        const at::NoGradGuard noGrad;
        for (const auto& [name, parameter] : m_parameters)
            if (parameter.grad().defined())
                parameter.mutable_grad().div_(count);
    }

    double addPenalty()
    {
        const at::Tensor penalty = m_parts.adapter.penalty();
        if (!penalty.defined())
            return 0.0;
        if (penalty.requires_grad())
            penalty.backward();
        return penalty.item<double>();
    }

    void throwIfCancelled()
    {
        try {
            m_control.throwIfCancelled();
        } catch (const Cancelled&) {
            dropGradients();
            throw;
        }
    }

    /// Norm over all gradients, before they are cut.
    double clipGradients()
    {
        const at::NoGradGuard noGrad;
        double squares = 0.0;
        for (const auto& [name, parameter] : m_parameters)
            if (parameter.grad().defined())
                squares += std::pow(at::norm(parameter.grad()).item<double>(), 2);
        const double norm = std::sqrt(squares);
        if (!std::isfinite(norm))
            failOnLastGoodState("gradient", norm);
        const double largest = m_parts.optimizer.largestGradientNorm();
        const double factor = largest / (norm + kClipEpsilon);
        if (largest > 0 && factor < 1)
            for (const auto& [name, parameter] : m_parameters)
                if (parameter.grad().defined())
                    parameter.grad().mul_(factor);
        return norm;
    }

    void dropGradients()
    {
        for (const auto& [name, parameter] : m_parameters)
            parameter.mutable_grad() = at::Tensor();
    }

    void noteStep(const Work& work, const StepReport& report)
    {
        ++m_state.step;
        m_state.batchesUsed += static_cast<std::int64_t>(work.batches.size());
        m_state.tokens += work.tokens;
        m_state.trainedTokens += report.trainedTokens;
        m_state.lastLoss = report.loss;
    }

    /// Evaluates before it saves: who goes on from the checkpoint finds the evaluation done.
    void afterStep()
    {
        const bool isLast = m_state.step == m_plan.steps || m_control.stopAsked();
        if (isLast || isDue(m_plan.evaluateEvery))
            evaluate();
        if (isLast || isDue(m_plan.checkpointEvery))
            save();
        if (!isLast)
            m_control.report("training", m_state.step, m_plan.steps);
    }

    bool isDue(std::int64_t every) const { return every > 0 && m_state.step % every == 0; }

    void evaluate()
    {
        if (m_events.evaluate)
            m_events.evaluate(m_state.step);
    }

    bool isSaved() const
    {
        return m_lastCheckpoint == checkpointFolder(m_plan.folder, m_state.step);
    }

    void save()
    {
        if (m_plan.folder.empty())
            return;
        m_lastCheckpoint = writeCheckpoint(m_plan.folder, m_state, m_parts.adapter,
                                           m_parts.optimizer, m_plan.baseModelName);
        dropOldCheckpoints(m_plan.folder, m_state.step, m_plan.keepCheckpoints);
        if (m_events.saved)
            m_events.saved(m_state.step, m_lastCheckpoint);
    }

    [[noreturn]] void failOnLastGoodState(const std::string& what, double value)
    {
        dropGradients();
        if (m_state.step > 0 && !isSaved())
            save();
        const std::string kept = m_lastCheckpoint.empty() ? ""
                                                          : " The state after step "
                + std::to_string(m_state.step) + " is kept in " + m_lastCheckpoint.string() + ".";
        throw Error("Step " + std::to_string(m_state.step + 1) + ": the " + what + " is "
                        + (std::isnan(value) ? "not a number" : "infinite")
                        + ". The training has run off: its numbers grew beyond what they can hold."
                        + kept,
                    "Lower the learning rate (it was " + toText(learningRate())
                        + "; try a third), lengthen the warm-up, or cut gradients to a smaller "
                          "norm; then look at the rows of that step for odd ones.");
    }

    /// From the newest checkpoint that is whole; a damaged one is passed over and said.
    void goOnFromCheckpoint()
    {
        if (m_plan.folder.empty())
            return;
        const NewestCheckpoint newest = newestWholeCheckpoint(m_plan.folder);
        for (const std::string& sentence : newest.passedOver)
            notice(sentence);
        if (newest.folder.empty()) {
            if (!newest.passedOver.empty())
                notice("No checkpoint is whole, so the training begins anew.");
            return;
        }
        refuseOtherRun(newest.state, newest.folder);
        restoreCheckpoint(newest.folder, m_parts.adapter, m_parts.optimizer);
        m_state = newest.state;
        m_lastCheckpoint = newest.folder;
        notice("The training goes on from step " + std::to_string(m_state.step) + ".");
    }

    void refuseOtherRun(const TrainingState& state, const std::filesystem::path& folder)
    {
        if (state.fingerprint != m_plan.fingerprint || state.seed != m_plan.seed)
            throw Error(folder.string()
                            + " belongs to another experiment: its document, model or data differ.",
                        "Start a new run, or put the files back as they were.");
        if (state.threads != at::get_num_threads())
            notice("The run had " + std::to_string(state.threads) + " threads and has "
                   + std::to_string(at::get_num_threads())
                   + " now; losses can differ in their last digits.");
    }

    void notice(const std::string& sentence)
    {
        if (m_events.noticed)
            m_events.noticed(sentence);
    }

    const TrainingParts& m_parts;
    const TrainingPlan& m_plan;
    const TrainingEvents& m_events;
    JobControl& m_control;
    NamedTensors m_parameters;
    TrainingState m_state;
    std::filesystem::path m_lastCheckpoint;
};

} // namespace

RandomStream corruptionStream(std::uint64_t seed, std::int64_t number)
{
    return {seed, "corrupt/" + std::to_string(number)};
}

TrainingResult train(const TrainingParts& parts,
                     const TrainingPlan& plan,
                     const TrainingEvents& events,
                     JobControl& control)
{
    return Training(parts, plan, events, control).run();
}

} // namespace tw
