// SPDX-License-Identifier: Apache-2.0
// Identity preference optimisation (Azar et al. 2023, equation 17):
//     (h - 1 / (2 beta))^2,   h = rho(chosen) - rho(rejected)
// where rho is the mean of log pi - log pi_ref per token of the answer, as in TRL; beta is the
// paper's tau. The margin is drawn to a value instead of being pushed ever further.

#include "core/base/translate.h"
#include "core/objective/preference.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct IpoOptions
{
    double beta = 0.1;
};

ParamTable<IpoOptions> params()
{
    ParamTable<IpoOptions> table;
    table.add(&IpoOptions::beta, "beta", QT_TRANSLATE_NOOP("ipo", "Beta"))
        .help(QT_TRANSLATE_NOOP("ipo",
                                "The margin per token that is aimed at is half of one divided by "
                                "beta: the larger beta, the less the model moves."))
        .range(1e-3, 100)
        .source("default of TRL");
    return table;
}

LossSum ipoLoss(const Model& model, const Batch& batch, const ParamValues& settings)
{
    const IpoOptions options = params().read(settings);
    const AnswerChances answers = answerChances(model, batch);
    const AnswerChances moved {answers.sums - referencesOf(batch), answers.counts};
    const Pairs ratios = pairsOf(moved.means());
    const Pairs rewards {options.beta * ratios.chosen, options.beta * ratios.rejected};
    return pairLoss((ratios.margins() - 0.5 / options.beta).square(), rewards,
                    pairsOf(answers.means()));
}

} // namespace

void registerIpo(Registry<Objective>& registry)
{
    Objective ipo;
    ipo.id = "ipo";
    ipo.title = QT_TRANSLATE_NOOP("ipo", "Identity preference optimisation (IPO)");
    ipo.summary = QT_TRANSLATE_NOOP("ipo",
                                    "Learns from pairs of answers up to a fixed margin, so that "
                                    "clear cases are not exaggerated.");
    ipo.params = params().specs();
    ipo.loss = ipoLoss;
    ipo.rows = RowUse::Preference;
    ipo.reference = referenceChances;
    ipo.paper = "Azar et al. 2023, arXiv 2310.12036";
    registry.add(std::move(ipo));
}

} // namespace tw
