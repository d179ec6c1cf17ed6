// SPDX-License-Identifier: Apache-2.0
// Simple preference optimisation (Meng et al. 2024, equation 6):
//     -log sigmoid(beta (m(chosen) - m(rejected)) - gamma)
// where m is the mean log-probability per token of the answer. No model to compare with is needed.

#include "core/base/translate.h"
#include "core/objective/preference.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct SimpoOptions
{
    double beta = 2.0;
    double gamma = 1.0;
    double labelSmoothing = 0.0;
};

ParamTable<SimpoOptions> params()
{
    ParamTable<SimpoOptions> table;
    table.add(&SimpoOptions::beta, "beta", QT_TRANSLATE_NOOP("simpo", "Beta"))
        .help(QT_TRANSLATE_NOOP("simpo",
                                "How much a difference between the answers counts; the rewards are "
                                "means per token, so it is larger than elsewhere."))
        .range(1e-3, 100)
        .source("Meng et al. 2024 take 2 to 2.5; TRL's default is 0.1");
    table.add(&SimpoOptions::gamma, "gamma", QT_TRANSLATE_NOOP("simpo", "Margin"))
        .help(QT_TRANSLATE_NOOP("simpo",
                                "By how much the chosen answer's reward should be the larger one."))
        .range(0, 20)
        .source("Meng et al. 2024 take 0.3 to 1.6; TRL calls it simpo_gamma, 0.5");
    table
        .add(&SimpoOptions::labelSmoothing, "labelSmoothing",
             QT_TRANSLATE_NOOP("simpo", "Share of wrong labels"))
        .help(QT_TRANSLATE_NOOP("simpo", "How many of the pairs are probably the wrong way round."))
        .range(0, 0.5)
        .source("default of TRL")
        .advanced();
    return table;
}

LossSum simpoLoss(const Model& model, const Batch& batch, const ParamValues& settings)
{
    const SimpoOptions options = params().read(settings);
    const at::Tensor means = answerChances(model, batch).means();
    const Pairs rewards = pairsOf(options.beta * means);
    return pairLoss(smoothedPairLoss(rewards.margins() - options.gamma, options.labelSmoothing),
                    rewards, pairsOf(means));
}

} // namespace

void registerSimpo(Registry<Objective>& registry)
{
    Objective simpo;
    simpo.id = "simpo";
    simpo.title = QT_TRANSLATE_NOOP("simpo", "Simple preference optimisation (SimPO)");
    simpo.summary = QT_TRANSLATE_NOOP("simpo",
                                      "Learns from pairs of answers by their likelihood per token, "
                                      "without looking back at the model before training.");
    simpo.params = params().specs();
    simpo.loss = simpoLoss;
    simpo.rows = RowUse::Preference;
    simpo.paper = "Meng et al. 2024, arXiv 2405.14734";
    registry.add(std::move(simpo));
}

} // namespace tw
