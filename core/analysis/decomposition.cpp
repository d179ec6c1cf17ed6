// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/decomposition.h"

#include "core/base/random.h"

#include <algorithm>

namespace tw {
namespace {

// The Gram matrix squares the condition: below this ratio of smallest to largest singular value its
// eigenvectors would lose more than half of float64's digits.
constexpr double kWellConditioned = 1e-5;
constexpr double kBelongs = 1e-7; // relative; a right entry shows 1e-12, a wrong one about 1

at::Tensor randomVector(std::int64_t size)
{
    RandomStream random(11, "decomposition check");
    at::Tensor x = at::empty({size}, at::kDouble);
    for (std::int64_t i = 0; i < size; ++i)
        x.mutable_data_ptr<double>()[i] = random.normal();
    return x;
}

bool isClose(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).norm().item<double>() <= kBelongs * b.norm().item<double>(); // false for NaN
}

} // namespace

Decomposition decompose(const at::Tensor& W)
{
    const at::NoGradGuard noGrad;
    const at::Tensor exact = W.to(at::kDouble);
    const bool isLeft = W.size(0) <= W.size(1);
    const at::Tensor side = isLeft ? exact : exact.t(); // [p, q], p <= q
    const auto [squares, vectors] = at::linalg_eigh(side.matmul(side.t()));
    const at::Tensor values = squares.clamp_min(0).sqrt();
    if (values[0].item<double>() > kWellConditioned * values[-1].item<double>())
        return {vectors.flip(1).contiguous(), values.flip(0).contiguous(), isLeft};
    const auto [U, S, Vh] = at::linalg_svd(side, false);
    return {U.contiguous(), S, isLeft};
}

bool belongsTo(const Decomposition& decomposition, const at::Tensor& W)
{
    const at::NoGradGuard noGrad;
    const std::int64_t p = std::min(W.size(0), W.size(1));
    const at::Tensor& vectors = decomposition.vectors;
    const at::Tensor& values = decomposition.values;
    if (vectors.sizes() != at::IntArrayRef({p, p}) || values.sizes() != at::IntArrayRef({p})
        || vectors.scalar_type() != at::kDouble || values.scalar_type() != at::kDouble)
        return false;
    const at::Tensor x = randomVector(p);
    const at::Tensor z = vectors.mv(x);
    const at::Tensor exact = W.to(at::kDouble);
    const at::Tensor side = decomposition.isLeft ? exact : exact.t();
    return isClose(vectors.t().mv(z), x)
        && isClose(vectors.mv(values * values * x), side.mv(side.t().mv(z)));
}

} // namespace tw
