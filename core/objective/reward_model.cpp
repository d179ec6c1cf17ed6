// SPDX-License-Identifier: Apache-2.0
// Reward model (Ouyang et al. 2022, equation 1): a model with a single number as its output learns
//     -log sigmoid(r(chosen) - r(rejected)) + c (r(chosen) + r(rejected))^2
// where c draws the rewards to a mean of zero (Eisenstein et al. 2023).

#include "core/base/error.h"
#include "core/base/translate.h"
#include "core/objective/preference.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct RewardOptions
{
    double centering = 0.0;
};

ParamTable<RewardOptions> params()
{
    ParamTable<RewardOptions> table;
    table.add(&RewardOptions::centering, "centering", QT_TRANSLATE_NOOP("reward_model", "Centring"))
        .help(QT_TRANSLATE_NOOP("reward_model",
                                "Draws the two rewards of a pair to a mean of zero; 0.01 is usual. "
                                "Differences alone leave open where zero lies."))
        .range(0, 1)
        .source("Eisenstein et al. 2023; TRL's center_rewards_coefficient, off by default")
        .advanced();
    return table;
}

at::Tensor rewardsOf(const Model& model, const Batch& batch)
{
    const at::Tensor scores = model.forward(paddedInput(batch)).at("logits");
    if (scores.dim() != 2 || scores.size(1) != 1)
        throw Error("The model gives " + std::to_string(scores.size(-1))
                        + " numbers for a text, and a reward is one.",
                    "Choose a model for sequence classification with a single label.");
    return scores.squeeze(1).to(at::kDouble);
}

LossSum rewardLoss(const Model& model, const Batch& batch, const ParamValues& settings)
{
    const RewardOptions options = params().read(settings);
    const Pairs rewards = pairsOf(rewardsOf(model, batch));
    at::Tensor losses = -at::log_sigmoid(rewards.margins());
    if (options.centering > 0.0)
        losses = losses + options.centering * (rewards.chosen + rewards.rejected).square();
    return pairLoss(losses, rewards);
}

} // namespace

void registerRewardModel(Registry<Objective>& registry)
{
    Objective reward;
    reward.id = "reward_model";
    reward.title = QT_TRANSLATE_NOOP("reward_model", "Reward model");
    reward.summary = QT_TRANSLATE_NOOP(
        "reward_model", "Learns from pairs of answers to give the better one the higher score.");
    reward.params = params().specs();
    reward.loss = rewardLoss;
    reward.rows = RowUse::Preference;
    reward.tasks = {ModelTask::SequenceClassification};
    reward.paper = "Ouyang et al. 2022, arXiv 2203.02155";
    registry.add(std::move(reward));
}

} // namespace tw
