// SPDX-License-Identifier: Apache-2.0
// Alternating: L is the best matrix of the rank for W - Q, then Q the largest entries of W - L. The
// row space of L changes little from round to round, so that each round goes on from the last one
// with a step of subspace iteration (Halko et al. 2011, algorithm 4.4) instead of decomposing anew.

#include "core/adaptation/godec.h"

#include "core/adaptation/start_values.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace tw {
namespace {

constexpr int kRounds = 30;
constexpr int kFirstSteps = 4; // of the first round, which knows no row space yet

at::Tensor basisOf(const at::Tensor& columns)
{
    return std::get<0>(at::linalg_qr(columns));
}

} // namespace

at::Tensor largestOf(const at::Tensor& matrix, std::int64_t count)
{
    const auto top = at::topk(matrix.abs().flatten(), count);
    return std::get<0>(at::sort(std::get<1>(top)));
}

at::Tensor
sparsePlaces(const at::Tensor& W, std::int64_t rank, std::int64_t count, RandomStream& random)
{
    const at::NoGradGuard noGrad;
    const std::int64_t width = std::min({rank, W.size(0), W.size(1)});
    if (width == 0 || count == 0)
        return largestOf(W, count);
    at::Tensor V = basisOf(normalValues({W.size(1), width}, 1.0, random));
    at::Tensor rest = W; // W - Q
    at::Tensor places;
    for (int round = 0; round < kRounds; ++round) {
        at::Tensor U;
        for (int step = 0; step < (round == 0 ? kFirstSteps : 1); ++step) {
            U = basisOf(rest.matmul(V));
            V = basisOf(rest.t().matmul(U));
        }
        const at::Tensor low = U.matmul(U.t().matmul(rest));
        const at::Tensor left = (W - low).flatten();
        const at::Tensor now = largestOf(left, count);
        if (places.defined() && at::equal(places, now))
            break;
        places = now;
        rest =
            (W.flatten() - at::zeros_like(left).index_copy(0, places, left.index_select(0, places)))
                .view_as(W);
    }
    return places;
}

} // namespace tw
