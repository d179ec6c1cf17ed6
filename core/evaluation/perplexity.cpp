// SPDX-License-Identifier: Apache-2.0
#include "core/evaluation/perplexity.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr std::int64_t kChunkRows = 512; // logits of 512 x 50,000 tokens are 100 MB

PackedInput oneRow(const std::int64_t* ids, std::int64_t count)
{
    const at::Tensor row = at::empty({count}, at::kLong);
    std::copy(ids, ids + count, row.mutable_data_ptr<std::int64_t>());
    return {row, at::arange(count, at::kLong), {0, count}};
}

void check(const Model& model, std::size_t count, std::int64_t window, std::int64_t stride)
{
    if (count < 2)
        throw Error("The text has " + std::to_string(count)
                        + " tokens: there is nothing to predict.",
                    "Choose a longer text.");
    if (window < 2 || window > model.config().contextLength)
        throw Error("A window of " + std::to_string(window) + " tokens does not fit the model.",
                    "Choose 2 to " + std::to_string(model.config().contextLength) + ".");
    if (stride < 1 || stride > window)
        throw Error("A stride of " + std::to_string(stride) + " tokens does not fit a window of "
                        + std::to_string(window) + ".",
                    "Choose 1 to the size of the window.");
}

} // namespace

double TokenLoss::perplexity() const
{
    return std::exp(mean());
}

at::Tensor
negativeLogLikelihoods(const Model& model, const at::Tensor& hidden, const at::Tensor& targets)
{
    const at::NoGradGuard noGradients;
    std::vector<at::Tensor> losses;
    for (std::int64_t first = 0; first < hidden.size(0); first += kChunkRows) {
        const std::int64_t count = std::min(kChunkRows, hidden.size(0) - first);
        const at::Tensor logits = model.logits(hidden.narrow(0, first, count));
        const at::Tensor chosen =
            logits.gather(1, targets.narrow(0, first, count).unsqueeze(1)).squeeze(1);
        losses.push_back(at::logsumexp(logits, 1) - chosen);
    }
    return at::cat(losses);
}

TokenLoss textLoss(const Model& model,
                   const std::vector<std::int64_t>& ids,
                   std::int64_t window,
                   std::int64_t stride,
                   JobControl& control)
{
    const at::NoGradGuard noGradients;
    check(model, ids.size(), window, stride);
    const auto total = static_cast<std::int64_t>(ids.size());
    TokenLoss loss;
    std::int64_t counted = 0; // tokens before this one are done
    for (std::int64_t begin = 0; begin < total && counted < total; begin += stride) {
        control.throwIfCancelled();
        control.report("perplexity", counted, total);
        const std::int64_t end = std::min(begin + window, total);
        const std::int64_t first = std::max(counted, begin + 1); // first token to predict
        counted = end;
        if (first >= end)
            continue;
        const PackedInput input = oneRow(ids.data() + begin, end - begin);
        const at::Tensor hidden = model.hidden(input).narrow(0, first - 1 - begin, end - first);
        const at::Tensor losses =
            negativeLogLikelihoods(model, hidden, input.ids.narrow(0, first - begin, end - first));
        loss.nats += losses.to(at::kDouble).sum().item<double>();
        loss.tokens += end - first;
    }
    control.report("perplexity", total, total);
    return loss;
}

} // namespace tw
