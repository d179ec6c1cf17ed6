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

/// True where query i, the last of `queries` among `keys` if the shape is causal, may see key j.
at::Tensor visible(std::int64_t queries,
                   std::int64_t keys,
                   const AttentionShape& shape,
                   const ScoreOptions& options)
{
    const at::Tensor at = at::arange(keys - queries, keys).unsqueeze(1);
    const at::Tensor seen = at::arange(keys).unsqueeze(0);
    at::Tensor mask = shape.isCausal ? seen <= at : at::ones({queries, keys}, at::kBool);
    if (shape.isCausal && options.prefix > 0)
        mask = mask.logical_or(seen < options.prefix);
    if (shape.isCausal && shape.window)
        mask = mask.logical_and(seen > at - *shape.window);
    if (!options.unseen.defined())
        return mask;
    mask = mask.logical_and(options.unseen.eq(0));
    return mask.logical_or(mask.any(1, true).logical_not().logical_and(seen == at));
}

// Multiplications that are worth another thread of the team, which is awake.
constexpr std::int64_t kGrain = 1 << 15;

/// What the first head of each text sees.
std::vector<loops::SeenRows> firstHeads(const std::vector<SeenKeys>& texts,
                                        const AttentionShape& shape)
{
    std::vector<loops::SeenRows> seen;
    for (const SeenKeys& text : texts)
        seen.push_back({text.keys.const_data_ptr<float>(), text.values.const_data_ptr<float>(),
                        text.keys.size(0), shape.headSize, shape.kvHeads * shape.headSize});
    return seen;
}

std::int64_t longestOf(const std::vector<loops::SeenRows>& seen)
{
    std::int64_t longest = 1;
    for (const loops::SeenRows& rows : seen)
        longest = std::max(longest, rows.count);
    return longest;
}

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
    if ((shape.isCausal && (n > 1 || shape.window)) || options.unseen.defined())
        scores = scores.masked_fill(visible(n, m, shape, options).logical_not(),
                                    -std::numeric_limits<double>::infinity());
    const at::Tensor mixed = at::matmul(at::softmax(scores, -1), values);
    return mixed.permute({2, 0, 1, 3}).reshape({n, shape.heads * shape.headSize});
}

at::Tensor
nextAttention(const at::Tensor& q, const std::vector<SeenKeys>& texts, const AttentionShape& shape)
{
    const at::Tensor queries = q.contiguous();
    const auto tasks = static_cast<std::int64_t>(texts.size()) * shape.heads;
    at::Tensor out = at::empty({q.size(0), shape.heads * shape.headSize}, q.options());
    const std::vector<loops::SeenRows> seen = firstHeads(texts, shape);
    const std::int64_t longest = longestOf(seen);
    const std::int64_t each = std::max<std::int64_t>(1, kGrain / (longest * shape.headSize));
    const std::int64_t pieces = (tasks + each - 1) / each;
    // Room for all pieces beforehand: what the team does must not throw.
    at::Tensor scores = at::empty({pieces, longest}, q.options());
    const auto* const from = queries.const_data_ptr<float>();
    auto* const to = out.mutable_data_ptr<float>();
    auto* const room = scores.mutable_data_ptr<float>();
    const std::int64_t group = shape.heads / shape.kvHeads;
    QuickTeam::shared().run(at::get_num_threads(), pieces, [&](std::int64_t piece) {
        for (std::int64_t task = piece * each; task < std::min(tasks, (piece + 1) * each); ++task) {
            loops::SeenRows head = seen[static_cast<std::size_t>(task / shape.heads)];
            head.keys += task % shape.heads / group * shape.headSize;
            head.values += task % shape.heads / group * shape.headSize;
            loops::attend(from + task * shape.headSize, head, static_cast<float>(shape.factor()),
                          room + piece * longest, to + task * shape.headSize);
        }
    });
    return out;
}

} // namespace tw
