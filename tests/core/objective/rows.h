// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/objective/registry.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

namespace tw {

/// A row whose tokens from `answer` on are trained.
inline TokenizedRow rowFrom(std::vector<std::int64_t> ids, std::size_t answer)
{
    TokenizedRow row;
    row.ids = std::move(ids);
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        row.isTrained.push_back(i >= answer ? 1 : 0);
        row.kinds.push_back(i >= answer ? TokenKind::Answer : TokenKind::Prompt);
    }
    return row;
}

/// Two prompts with a chosen and a rejected answer each, of different lengths.
inline Batch somePairs()
{
    TokenizedRow one = rowFrom({5, 17, 40, 8, 61, 33}, 3);
    one.rejected = {rowFrom({5, 17, 40, 70, 4}, 3)};
    TokenizedRow two = rowFrom({9, 12, 88, 21}, 2);
    two.rejected = {rowFrom({9, 12, 30, 31, 32, 2}, 2)};
    return packRows({&one, &two});
}

/// log pi(answer | prompt) of each row, from the logits of the whole row.
inline std::vector<double> chancesOf(const Model& model, const Batch& batch)
{
    const at::NoGradGuard noGradients;
    std::vector<double> sums;
    for (std::int64_t row = 0; row < batch.rowCount(); ++row) {
        const auto first = static_cast<std::size_t>(batch.rowStarts[static_cast<std::size_t>(row)]);
        const auto end =
            static_cast<std::size_t>(batch.rowStarts[static_cast<std::size_t>(row) + 1]);
        const std::vector<std::int64_t> ids(batch.ids.begin() + static_cast<std::ptrdiff_t>(first),
                                            batch.ids.begin() + static_cast<std::ptrdiff_t>(end));
        const at::Tensor all = model.logits(model.hidden(oneRow(at::tensor(ids, at::kLong))))
                                   .to(at::kDouble)
                                   .log_softmax(1);
        double sum = 0.0;
        for (std::size_t i = first; i < end; ++i)
            if (batch.targets[i] != -100)
                sum += all[static_cast<std::int64_t>(i - first)][batch.targets[i]].item<double>();
        sums.push_back(sum);
    }
    return sums;
}

/// The batch as if its answers had been less likely before training by `gains` [rows], in nats.
inline Batch movedBy(const Model& model, Batch batch, const std::vector<double>& gains)
{
    batch.references = chancesOf(model, batch);
    for (std::size_t row = 0; row < gains.size(); ++row)
        batch.references[row] -= gains[row];
    return batch;
}

/// Mean of a loss over what it counts.
inline double meanLoss(const std::string& objective,
                       const Model& model,
                       const Batch& batch,
                       const ParamValues& settings = {})
{
    const LossSum loss = objectives().at(objective).loss(model, batch, settings);
    return loss.sum.item<double>() / static_cast<double>(loss.count);
}

inline bool isNear(double a, double b, double tolerance)
{
    return std::abs(a - b) <= tolerance;
}

} // namespace tw
