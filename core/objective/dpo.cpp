// SPDX-License-Identifier: Apache-2.0
// Direct preference optimisation (Rafailov et al. 2023, equation 7). With
//     rho(y) = log pi(y|x) - log pi_ref(y|x),   h = rho(chosen) - rho(rejected)
// and s the share of pairs that are the wrong way round:
//     sigmoid  -(1 - s) log sigmoid(beta h) - s log sigmoid(-beta h)     (Mitchell 2023)
//     robust   (-(1 - s) log sigmoid(beta h) + s log sigmoid(-beta h)) / (1 - 2 s)
//              (Chowdhury et al. 2024, arXiv 2403.00409)
//     hinge    max(0, 1 - beta h)                                        (Liu et al. 2023)
// pi_ref is the model before training.

#include "core/base/translate.h"
#include "core/objective/preference.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct DpoOptions
{
    double beta = 0.1;
    std::string loss = "sigmoid";
    double labelSmoothing = 0.0;
};

ParamTable<DpoOptions> params()
{
    ParamTable<DpoOptions> table;
    table.add(&DpoOptions::beta, "beta", QT_TRANSLATE_NOOP("dpo", "Beta"))
        .help(QT_TRANSLATE_NOOP("dpo",
                                "How strongly the model is held to what it was before: the "
                                "larger, the less it moves away."))
        .range(1e-3, 100)
        .source("default of TRL; Tajwar et al. 2024 take 0.05 and 0.1");
    table.add(&DpoOptions::loss, "loss", QT_TRANSLATE_NOOP("dpo", "Loss"))
        .help(QT_TRANSLATE_NOOP("dpo",
                                "What a pair costs. Robust takes out what wrong labels add on "
                                "average; hinge stops at a margin."))
        .choices({{"sigmoid", QT_TRANSLATE_NOOP("dpo", "Sigmoid")},
                  {"robust", QT_TRANSLATE_NOOP("dpo", "Robust")},
                  {"hinge", QT_TRANSLATE_NOOP("dpo", "Hinge")}})
        .source("Rafailov et al. 2023; names as in TRL")
        .advanced();
    table
        .add(&DpoOptions::labelSmoothing, "labelSmoothing",
             QT_TRANSLATE_NOOP("dpo", "Share of wrong labels"))
        .help(QT_TRANSLATE_NOOP("dpo",
                                "How many of the pairs are probably the wrong way round. Counts in "
                                "the losses sigmoid and robust; newer versions of TRL leave it out "
                                "of sigmoid."))
        .range(0, 0.5)
        .source("default of TRL")
        .advanced();
    return table;
}

/// z = beta h [pairs].
at::Tensor lossesOf(const at::Tensor& z, const DpoOptions& options)
{
    const double s = options.labelSmoothing;
    if (options.loss == "hinge")
        return at::relu(1.0 - z);
    if (options.loss == "robust")
        return (-(1.0 - s) * at::log_sigmoid(z) + s * at::log_sigmoid(-z)) / (1.0 - 2.0 * s);
    return smoothedPairLoss(z, s);
}

LossSum dpoLoss(const Model& model, const Batch& batch, const ParamValues& settings)
{
    const DpoOptions options = params().read(settings);
    const at::Tensor sums = answerChances(model, batch).sums;
    const Pairs rewards = pairsOf(options.beta * (sums - referencesOf(batch)));
    return pairLoss(lossesOf(rewards.margins(), options), rewards, pairsOf(sums));
}

Problems checkDpo(const ParamValues& settings)
{
    const DpoOptions options = params().read(settings);
    if (options.loss != "robust" || options.labelSmoothing < 0.5)
        return {};
    return {{"labelSmoothing",
             "Where half of the labels are wrong, nothing can be learned from "
             "them: the robust loss would divide by zero.",
             "Choose less than 0.5."}};
}

} // namespace

void registerDpo(Registry<Objective>& registry)
{
    Objective dpo;
    dpo.id = "dpo";
    dpo.title = QT_TRANSLATE_NOOP("dpo", "Direct preference optimisation (DPO)");
    dpo.summary = QT_TRANSLATE_NOOP("dpo",
                                    "Learns from pairs of answers to prefer the chosen one, and "
                                    "stays near what the model was.");
    dpo.params = params().specs();
    dpo.loss = dpoLoss;
    dpo.rows = RowUse::Preference;
    dpo.reference = referenceChances;
    dpo.check = checkDpo;
    dpo.paper = "Rafailov et al. 2023, arXiv 2305.18290";
    registry.add(std::move(dpo));
}

} // namespace tw
