// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/adaptation/site_check.h"
#include "core/experiment/adaptations.h"
#include "core/train/optimizer.h"
#include "core/workbench/answers.h"
#include "core/workbench/measured_speed.h"
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

std::vector<SiteInfo> sitesOf(const ModelSummary& model)
{
    std::vector<SiteInfo> sites;
    for (std::int64_t layer = 0; layer < model.layers; ++layer)
        for (const SiteRow& row : model.linearSites)
            sites.push_back({{siteFrom(row.site), static_cast<std::int32_t>(layer)},
                             {},
                             row.in,
                             row.out,
                             true});
    return sites;
}

std::int64_t trainedParameters(const ModelSummary& model, const Experiment& experiment)
{
    std::int64_t count = 0;
    const std::vector<SiteInfo> sites = sitesOf(model);
    for (const AdaptationChoice& choice : experiment.adaptations) {
        const Adaptation* method = adaptations().find(choice.method);
        if (method == nullptr || blocks(checkValues(method->params, choice.settings, "")))
            continue; // check() says it; the plan shows the rest
        count += method->parameterCount(chosenSites(sites, selectionOf(choice, *method, sites)),
                                        choice.settings);
    }
    return count;
}

/// Floats that a layer keeps for its backward pass, per token: inputs of the norms, what the linear
/// layers and the attention read, gate, up and their product.
std::int64_t keptPerToken(const ModelSummary& model)
{
    std::int64_t floats = 4 * model.hiddenSize;
    for (const SiteRow& row : model.linearSites)
        floats += row.out;
    const auto up = std::find_if(model.linearSites.begin(), model.linearSites.end(),
                                 [](const SiteRow& row) { return row.site == "mlp.up"; });
    return floats + (up == model.linearSites.end() ? 4 * model.hiddenSize : up->out);
}

} // namespace

Plan planOf(const ModelSummary& model,
            const Experiment& experiment,
            double tokensPerRow,
            std::int64_t threads)
{
    Plan plan;
    plan.totalParameters = model.parameters;
    try {
        plan.trainedParameters = trainedParameters(model, experiment);
    } catch (const Error&) { // sites that are half typed: check() says what is wrong with them
        plan.trainedParameters = 0;
    }
    const auto trainedBytes = static_cast<std::uint64_t>(plan.trainedParameters * kFloatBytes);
    plan.weightsBytes = static_cast<std::uint64_t>(model.parameters * kFloatBytes);
    plan.adapterBytes = trainedBytes;
    plan.gradientBytes = trainedBytes;
    const OptimizerMethod* optimizer = optimizers().find(experiment.optimizer.method);
    plan.optimizerBytes =
        static_cast<std::uint64_t>((optimizer == nullptr ? 0.0 : optimizer->stateBytesPerScalar)
                                   * static_cast<double>(plan.trainedParameters));
    const double rowTokens =
        tokensPerRow > 0 ? tokensPerRow : static_cast<double>(experiment.maxLength);
    const double batchTokens = rowTokens * static_cast<double>(experiment.batchRows);
    const double lossRows = std::min(batchTokens, static_cast<double>(kLossRows));
    plan.activationBytes = static_cast<std::uint64_t>(
        kFloatBytes
        * (batchTokens * static_cast<double>(keptPerToken(model) * model.layers)
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

Plan Workspace::plan(const ModelSummary& model,
                     const Experiment& experiment,
                     double tokensPerRow) const
{
    return planOf(model, experiment, tokensPerRow, device().threads);
}

} // namespace tw
