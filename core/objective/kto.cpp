// SPDX-License-Identifier: Apache-2.0
// Kahneman-Tversky optimisation (Ethayarajh et al. 2024, equations 7 and 8) learns from single
// answers that are liked or not. With rho(y) = log pi(y|x) - log pi_ref(y|x):
//     liked      w_l (1 - sigmoid(beta (rho - z)))
//     disliked   w_d (1 - sigmoid(beta (z - rho)))
//     z          max(0, mean of rho over prompts with an answer to another prompt), no gradient
// Those mismatched rows are made once, from the answer of the row before, and go through the batch
// beside their own row: rows 2i are judged, rows 2i + 1 mismatched. TRL takes the answer of the
// row before within stretches of one batch, here it is the row before in the whole data set.
// Without z it is APO-zero's loss for single answers (D'Oosterlinck et al. 2024).

#include "core/base/error.h"
#include "core/base/translate.h"
#include "core/objective/preference.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace tw {
namespace {

struct KtoOptions
{
    double beta = 0.1;
    double likedWeight = 1.0;
    double dislikedWeight = 1.0;
    bool estimatesDistance = true;
};

ParamTable<KtoOptions> params()
{
    ParamTable<KtoOptions> table;
    table.add(&KtoOptions::beta, "beta", QT_TRANSLATE_NOOP("kto", "Beta"))
        .help(QT_TRANSLATE_NOOP("kto",
                                "How strongly the model is held to what it was before: the "
                                "larger, the less it moves away."))
        .range(1e-3, 100)
        .source("default of TRL and of the paper");
    table
        .add(&KtoOptions::likedWeight, "likedWeight",
             QT_TRANSLATE_NOOP("kto", "Weight of liked answers"))
        .help(QT_TRANSLATE_NOOP("kto",
                                "Choose it so that liked answers count 1 to 4/3 times as much as "
                                "disliked ones in total."))
        .range(0, 100)
        .source("default of TRL; Ethayarajh et al. 2024, section 4.2")
        .advanced();
    table
        .add(&KtoOptions::dislikedWeight, "dislikedWeight",
             QT_TRANSLATE_NOOP("kto", "Weight of disliked answers"))
        .help(QT_TRANSLATE_NOOP("kto", "As above, for answers that are not liked."))
        .range(0, 100)
        .source("default of TRL")
        .advanced();
    table
        .add(&KtoOptions::estimatesDistance, "estimatesDistance",
             QT_TRANSLATE_NOOP("kto", "Compare with how far the model has moved"))
        .help(QT_TRANSLATE_NOOP("kto",
                                "Measures each step on answers to other prompts, which doubles the "
                                "tokens that are read. Off: answers are judged against zero."))
        .source("TRL's losses kto and apo_zero_unpaired")
        .advanced();
    return table;
}

/// Prompt of one row with the answer of another, at most `longest` tokens.
TokenizedRow mismatched(const TokenizedRow& prompt, const TokenizedRow& answer, std::size_t longest)
{
    const auto isTrained = [](std::uint8_t trained) { return trained != 0; };
    const auto startOf = [&](const TokenizedRow& row) {
        return std::ranges::find_if(row.isTrained, isTrained) - row.isTrained.begin();
    };
    TokenizedRow row;
    row.ids.assign(prompt.ids.begin(), prompt.ids.begin() + startOf(prompt));
    row.isTrained.assign(row.ids.size(), 0);
    row.kinds.assign(prompt.kinds.begin(), prompt.kinds.begin() + startOf(prompt));
    const auto start = startOf(answer);
    row.ids.insert(row.ids.end(), answer.ids.begin() + start, answer.ids.end());
    row.isTrained.insert(row.isTrained.end(), answer.isTrained.begin() + start,
                         answer.isTrained.end());
    row.kinds.insert(row.kinds.end(), answer.kinds.begin() + start, answer.kinds.end());
    if (row.ids.size() > longest) {
        row.cutTokens = static_cast<std::int64_t>(row.ids.size() - longest);
        row.ids.resize(longest);
        row.isTrained.resize(longest);
        row.kinds.resize(longest);
    }
    return row;
}

void addMismatched(std::vector<TokenizedRow>& rows,
                   const ParamValues& settings,
                   std::int64_t maxLength)
{
    if (!params().read(settings).estimatesDistance)
        return;
    if (rows.size() < 2)
        throw Error("There is only one row, and no other whose answer it could be compared with.",
                    "Add rows, or switch off the comparison with how far the model has moved.");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const TokenizedRow& before = rows[i == 0 ? rows.size() - 1 : i - 1];
        rows[i].rejected = {mismatched(rows[i], before, static_cast<std::size_t>(maxLength))};
    }
}

/// Every second row of a batch, from the first or from the second one on.
Batch everySecond(const Batch& batch, std::int64_t from)
{
    Batch half;
    half.rowStarts = {0};
    for (std::int64_t row = from; row < batch.rowCount(); row += 2) {
        const auto at = static_cast<std::size_t>(row);
        const auto copy = [&](const auto& all, auto& to) {
            if (!all.empty())
                to.insert(to.end(), all.begin() + batch.rowStarts[at],
                          all.begin() + batch.rowStarts[at + 1]);
        };
        copy(batch.ids, half.ids);
        copy(batch.positions, half.positions);
        copy(batch.targets, half.targets);
        copy(batch.weights, half.weights);
        copy(batch.types, half.types);
        half.rowStarts.push_back(half.tokenCount());
        if (!batch.references.empty())
            half.references.push_back(batch.references.at(at));
    }
    return half;
}

/// z of the file comment.
double distanceOf(const Model& model, const Batch& mismatchedRows)
{
    const at::NoGradGuard noGradients;
    const at::Tensor moved =
        answerChances(model, mismatchedRows).sums - referencesOf(mismatchedRows);
    return std::max(0.0, moved.mean().item<double>());
}

/// 1 where a row is liked, else 0.
at::Tensor likedOf(const Batch& batch, std::int64_t rows)
{
    std::vector<double> liked;
    for (const std::vector<double>& label : batch.labels)
        liked.push_back(label.front());
    if (static_cast<std::int64_t>(liked.size()) != rows)
        throw Error("The batch does not say of each answer whether it is liked.",
                    "Give a column the role of the label, with yes or no in each row.");
    return at::tensor(liked, at::kDouble);
}

LossSum ktoLoss(const Model& model, const Batch& batch, const ParamValues& settings)
{
    const KtoOptions options = params().read(settings);
    const auto labelled = static_cast<std::int64_t>(batch.labels.size());
    if (options.estimatesDistance && batch.rowCount() != 2 * labelled)
        throw Error("The batch has no answers to other prompts to compare with.",
                    "Start the run anew: they are put beside the rows when a run begins.");
    const Batch judged = options.estimatesDistance ? everySecond(batch, 0) : batch;
    const double distance =
        options.estimatesDistance ? distanceOf(model, everySecond(batch, 1)) : 0.0;
    const at::Tensor liked = likedOf(batch, judged.rowCount());
    const at::Tensor side = 2.0 * liked - 1.0;
    const at::Tensor chances = answerChances(model, judged).sums;
    const at::Tensor moved = chances - referencesOf(judged);
    const at::Tensor gain = side * options.beta * (moved - distance);
    const at::Tensor weights = liked * options.likedWeight + (1.0 - liked) * options.dislikedWeight;
    const at::Tensor losses = weights * (1.0 - at::sigmoid(gain));
    LossSum loss {losses.sum(), judged.rowCount()};
    loss.measures["kl"] = distance * static_cast<double>(loss.count);
    loss.measures["rewards.accuracy"] = (gain > 0).to(at::kDouble).sum().item<double>();
    const auto total = [](const at::Tensor& values) { return values.sum().item<double>(); };
    const auto addBoth = [&](const std::string& name, const at::Tensor& values) {
        loss.ratios[name + ".chosen"] = {total(values * liked), total(liked)};
        loss.ratios[name + ".rejected"] = {total(values * (1.0 - liked)), total(1.0 - liked)};
    };
    addBoth("rewards", options.beta * moved.detach());
    addBoth("logps", chances.detach());
    return loss;
}

} // namespace

void registerKto(Registry<Objective>& registry)
{
    Objective kto;
    kto.id = "kto";
    kto.title = QT_TRANSLATE_NOOP("kto", "Kahneman-Tversky optimisation (KTO)");
    kto.summary = QT_TRANSLATE_NOOP(
        "kto", "Learns from single answers with a thumb up or down; no pairs are needed.");
    kto.params = params().specs();
    kto.loss = ktoLoss;
    kto.rows = RowUse::Judged;
    kto.prepare = addMismatched;
    kto.reference = referenceChances;
    kto.paper = "Ethayarajh et al. 2024, arXiv 2402.01306";
    registry.add(std::move(kto));
}

} // namespace tw
