// SPDX-License-Identifier: Apache-2.0
#include "core/base/quick_team.h"
#include "core/model/kernels.h"
#include "core/model/loops.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <limits>

namespace tw {
namespace {

/// True where query i, the last of `queries` among `keys`, may see key j.
at::Tensor
visible(std::int64_t queries, std::int64_t keys, const std::optional<std::int64_t>& window)
{
    const at::Tensor at = at::arange(keys - queries, keys).unsqueeze(1);
    const at::Tensor seen = at::arange(keys).unsqueeze(0);
    at::Tensor mask = seen <= at;
    if (window)
        mask = mask.logical_and(seen > at - *window);
    return mask;
}

// Multiplications that are worth another thread of the team, which is awake.
constexpr std::int64_t kGrain = 1 << 15;

} // namespace

at::Tensor rowAttention(const at::Tensor& q,
                        const at::Tensor& k,
                        const at::Tensor& v,
                        const AttentionShape& shape,
                        const ScoreOptions& options)
{
    const std::int64_t n = q.size(0);
    const std::int64_t m = k.size(0);
    const std::int64_t group = shape.heads / shape.kvHeads;
    const at::Tensor queries =
        q.view({n, shape.kvHeads, group, shape.headSize}).permute({1, 2, 0, 3});
    const at::Tensor keys = k.permute({1, 2, 0}).unsqueeze(1);
    const at::Tensor values = v.permute({1, 0, 2}).unsqueeze(1);
    at::Tensor scores = at::matmul(queries, keys) * shape.factor();
    if (options.cap > 0.0)
        scores = at::tanh(scores / options.cap) * options.cap;
    if (options.bias) {
        const at::Tensor bias = options.bias(q, k);
        scores = scores + bias.view({shape.kvHeads, group, bias.size(1), bias.size(2)});
    }
    if (shape.isCausal && (n > 1 || shape.window))
        scores = scores.masked_fill(visible(n, m, shape.window).logical_not(),
                                    -std::numeric_limits<double>::infinity());
    const at::Tensor mixed = at::matmul(at::softmax(scores, -1), values);
    return mixed.permute({2, 0, 1, 3}).reshape({n, shape.heads * shape.headSize});
}

at::Tensor
nextAttention(const at::Tensor& q, const std::vector<SeenKeys>& texts, const AttentionShape& shape)
{
    const at::Tensor queries = q.contiguous();
    const auto count = static_cast<std::int64_t>(texts.size());
    at::Tensor out = at::empty({count, shape.heads * shape.headSize}, q.options());
    std::int64_t longest = 1;
    for (const SeenKeys& text : texts)
        longest = std::max(longest, text.keys.size(0));
    const std::int64_t group = shape.heads / shape.kvHeads;
    const auto headOf = [&](std::int64_t task, std::vector<float>& scores) {
        const SeenKeys& text = texts[static_cast<std::size_t>(task / shape.heads)];
        const std::int64_t kvHead = task % shape.heads / group;
        loops::attend(queries.const_data_ptr<float>() + task * shape.headSize,
                      text.keys.const_data_ptr<float>() + kvHead * shape.headSize,
                      text.values.const_data_ptr<float>() + kvHead * shape.headSize,
                      shape.kvHeads * shape.headSize, text.keys.size(0), shape.headSize,
                      static_cast<float>(shape.factor()), scores.data(),
                      out.mutable_data_ptr<float>() + task * shape.headSize);
    };
    const std::int64_t heads = count * shape.heads;
    const std::int64_t each = std::max<std::int64_t>(1, kGrain / (longest * shape.headSize));
    QuickTeam::shared().run(at::get_num_threads(), (heads + each - 1) / each,
                            [&](std::int64_t piece) {
                                std::vector<float> scores(static_cast<std::size_t>(longest));
                                for (std::int64_t task = piece * each;
                                     task < std::min(heads, (piece + 1) * each); ++task)
                                    headOf(task, scores);
                            });
    return out;
}

} // namespace tw
