// SPDX-License-Identifier: Apache-2.0
// Odds ratio preference optimisation (Hong et al. 2024, equations 6 and 7):
//     -mean log p(chosen row) - beta log sigmoid(log odds(chosen) - log odds(rejected))
//     log odds(y) = m - log(1 - exp(m)),   m: mean log-probability per token of the answer
// As in TRL the likelihood is that of prompt and answer, as a mean over the tokens of the batch.
// No model to compare with is needed.

#include "core/base/translate.h"
#include "core/objective/preference.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

/// A mean log-probability nearer to 0 cannot be told from 0 in float32, and would have odds without
/// end.
constexpr double kNearestToCertain = -6e-8;

struct OrpoOptions
{
    double beta = 0.1;
};

ParamTable<OrpoOptions> params()
{
    ParamTable<OrpoOptions> table;
    table.add(&OrpoOptions::beta, "beta", QT_TRANSLATE_NOOP("orpo", "Weight of the comparison"))
        .help(QT_TRANSLATE_NOOP("orpo",
                                "How much the comparison of the two answers counts beside learning "
                                "the chosen one."))
        .range(0, 10)
        .source("Hong et al. 2024 call it lambda; default of TRL, which calls it beta");
    return table;
}

/// The batch's targets, and those of the chosen rows' prompts as well.
std::vector<std::int64_t> withPrompts(const Batch& batch)
{
    std::vector<std::int64_t> targets = batch.targets;
    for (std::int64_t row = 0; row < batch.rowCount(); row += 2) {
        const auto first = static_cast<std::size_t>(batch.rowStarts[static_cast<std::size_t>(row)]);
        const auto end =
            static_cast<std::size_t>(batch.rowStarts[static_cast<std::size_t>(row) + 1]);
        for (std::size_t i = first; i + 1 < end && targets[i] == -100; ++i)
            targets[i] = batch.ids[i + 1];
    }
    return targets;
}

at::Tensor logOdds(const at::Tensor& means)
{
    const at::Tensor m = means.clamp_max(kNearestToCertain);
    return m - at::log(-at::expm1(m));
}

LossSum orpoLoss(const Model& model, const Batch& batch, const ParamValues& settings)
{
    const OrpoOptions options = params().read(settings);
    const std::vector<std::int64_t> targets = withPrompts(batch);
    at::Tensor losses = tokenCrossEntropies(model.hidden(packedInput(batch)), model.head(),
                                            at::tensor(targets, at::kLong));
    const at::Tensor isAnswer = at::tensor(batch.targets, at::kLong).ne(-100).to(at::kDouble);
    const at::Tensor isRead = at::tensor(targets, at::kLong).ne(-100).to(at::kDouble);
    const at::Tensor weights =
        batch.weights.empty() ? isRead : isRead * at::tensor(batch.weights).to(at::kDouble);
    losses = losses * weights;
    const AnswerChances answers {-rowSums(losses * isAnswer, batch),
                                 rowSums(weights * isAnswer, batch)};
    const at::Tensor means = answers.means();
    const Pairs odds = pairsOf(logOdds(means));
    const at::Tensor likelihood = pairsOf(rowSums(losses, batch)).chosen.sum()
        / pairsOf(rowSums(weights, batch)).chosen.sum().clamp_min(1.0);
    const at::Tensor each = likelihood - options.beta * at::log_sigmoid(odds.margins());
    LossSum loss = pairLoss(each, pairsOf(options.beta * means), pairsOf(means));
    const auto pairs = static_cast<double>(loss.count);
    loss.measures["likelihood.loss"] = pairs * likelihood.item<double>();
    loss.measures["odds.logRatio"] = odds.margins().detach().sum().item<double>();
    return loss;
}

} // namespace

void registerOrpo(Registry<Objective>& registry)
{
    Objective orpo;
    orpo.id = "orpo";
    orpo.title = QT_TRANSLATE_NOOP("orpo", "Odds ratio preference optimisation (ORPO)");
    orpo.summary = QT_TRANSLATE_NOOP("orpo",
                                     "Learns the chosen answers and turns away from the rejected "
                                     "ones in one go, straight from a base model.");
    orpo.params = params().specs();
    orpo.loss = orpoLoss;
    orpo.rows = RowUse::Preference;
    orpo.paper = "Hong et al. 2024, arXiv 2403.07691";
    registry.add(std::move(orpo));
}

} // namespace tw
