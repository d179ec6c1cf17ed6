// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/adaptation/site_check.h"
#include "core/experiment/adaptations.h"
#include "core/experiment/stages.h"
#include "core/train/optimizer.h"
#include "core/workbench/answers.h"
#include "core/workbench/measured_speed.h"
#include "core/workbench/site_rows.h"
#include "core/workbench/workspace.h"

#include <algorithm>

namespace tw {
namespace {

constexpr std::int64_t kFloatBytes = 4; // weights, adapter and gradients are float32
/// Resident memory of the program with LibTorch before a model is loaded, and what the allocator
/// keeps beside the tensors; measured with the sample.
constexpr std::uint64_t kProgramBytes = 320'000'000;
/// Rows of a chunk of the loss times two matrices of logits: see chunkedCrossEntropy().
constexpr std::int64_t kLossRows = 512;

std::int64_t trainedBy(const AdaptationChoice& choice, const std::vector<SiteInfo>& sites)
{
    const Adaptation* method = adaptations().find(choice.method);
    if (method == nullptr || blocks(checkValues(method->params, choice.settings, "")))
        return 0; // check() says it; the plan shows the rest
    try {
        return method->parameterCount(chosenSites(sites, selectionOf(choice, *method, sites)),
                                      choice.settings);
    } catch (const Error&) { // sites that are half typed: check() says what is wrong with them
        return 0;
    }
}

/// Of the head that the objective trains beside the methods; labels: that the data tell apart, 0
/// where they are not known.
std::int64_t headOf(const ModelSummary& model, const Experiment& experiment, std::int64_t labels)
{
    constexpr std::int64_t kUsual = 2; // classes, where nothing says how many
    const auto it = model.heads.find(experiment.objective.method);
    if (it == model.heads.end())
        return 0;
    const HeadSize& head = it->second;
    const std::int64_t own = head.labels > 0 ? head.labels : kUsual;
    return head.fixed + head.perLabel * (labels > 0 ? labels : own);
}

/// Floats that all layers keep for the backward pass, per token: inputs of the norms, what the
/// linear layers and the attention read, gate, up and their product.
std::int64_t keptPerToken(const ModelSummary& model)
{
    std::int64_t floats = 0;
    for (const SiteRow& row : model.sites) {
        const auto layers = static_cast<std::int64_t>(row.layers.size());
        if (row.isLinear)
            floats += layers * row.out;
        if (row.site == "mlp.down") // every block has one
            floats += layers * (row.in + 4 * model.hiddenSize);
    }
    return floats;
}

} // namespace

Plan planOf(const ModelSummary& model,
            const Experiment& experiment,
            const DataSize& data,
            std::int64_t threads)
{
    Plan plan;
    plan.totalParameters = model.parameters;
    const std::vector<SiteInfo> sites = siteInfos(model.sites);
    for (const AdaptationChoice& choice : experiment.adaptations) {
        plan.trainedByAdaptation.push_back(trainedBy(choice, sites));
        plan.trainedParameters += plan.trainedByAdaptation.back();
    }
    plan.headParameters = headOf(model, experiment, data.labels);
    plan.trainedParameters += plan.headParameters;
    const auto trainedBytes = static_cast<std::uint64_t>(plan.trainedParameters * kFloatBytes);
    plan.weightsBytes = static_cast<std::uint64_t>(model.parameters * kFloatBytes);
    plan.adapterBytes = trainedBytes;
    plan.gradientBytes = trainedBytes;
    const OptimizerMethod* optimizer = optimizers().find(experiment.optimizer.method);
    plan.optimizerBytes =
        static_cast<std::uint64_t>((optimizer == nullptr ? 0.0 : optimizer->stateBytesPerScalar)
                                   * static_cast<double>(plan.trainedParameters));
    const double rowTokens =
        data.tokensPerRow > 0 ? data.tokensPerRow : static_cast<double>(experiment.maxLength);
    const double batchTokens = rowTokens * static_cast<double>(experiment.batchRows);
    const double lossRows = std::min(batchTokens, static_cast<double>(kLossRows));
    plan.activationBytes = static_cast<std::uint64_t>(
        kFloatBytes
        * (batchTokens * static_cast<double>(keptPerToken(model))
           + 2.0 * lossRows * static_cast<double>(model.vocabularySize)));
    plan.programBytes = kProgramBytes;
    const double speed = rememberedSpeed(threads);
    if (speed > 0) {
        plan.secondsPerStep = batchTokens * static_cast<double>(experiment.accumulation)
            * operationsPerToken(model.parameters) / speed;
        plan.seconds = plan.secondsPerStep * static_cast<double>(experiment.steps);
    }
    return plan;
}

Plan planOfAll(const ModelSummary& model,
               const Experiment& experiment,
               const DataSize& data,
               std::int64_t threads)
{
    Plan largest;
    double seconds = 0.0;
    for (const Experiment& stage : stagesOf(experiment)) {
        Plan plan = planOf(model, stage, data, threads);
        seconds = seconds < 0 || plan.seconds < 0 ? -1.0 : seconds + plan.seconds;
        if (plan.totalBytes() > largest.totalBytes())
            largest = std::move(plan);
    }
    largest.seconds = seconds;
    return largest;
}

Plan Workspace::plan(const ModelSummary& model,
                     const Experiment& experiment,
                     double tokensPerRow) const
{
    return planOfAll(model, experiment, {tokensPerRow}, device().threads);
}

} // namespace tw
