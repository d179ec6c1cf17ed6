// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/intruders.h"

#include "core/analysis/shifted_lanczos.h"
#include "core/analysis/spectra.h"

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr double kTie =
    1e-3; // relative distance of singular values within which vectors rotate freely (method card)
constexpr double kInvertible = 1e-6; // S0^-1 is used only where it leaves 9 digits

std::int64_t shorterSide(const at::Tensor& W)
{
    return std::min(W.size(0), W.size(1));
}

/// c_j with the base vectors whose values lie beside that of the best match.
double tiedMatch(const double* column, const std::vector<double>& allBase, std::size_t best)
{
    const auto isTied = [&](std::size_t i) {
        return std::abs(allBase[i] - allBase[best]) < kTie * allBase[best];
    };
    double sum = column[best] * column[best];
    for (std::size_t i = best; i-- > 0 && isTied(i);)
        sum += column[i] * column[i];
    for (std::size_t i = best + 1; i < allBase.size() && isTied(i); ++i)
        sum += column[i] * column[i];
    return std::sqrt(std::min(sum, 1.0));
}

/// From the similarity of all base vectors to the leading tuned ones, M [p, vectors].
VectorMatch matchOf(const at::Tensor& similarity,
                    const at::Tensor& base,
                    const at::Tensor& tuned,
                    const MatchOptions& options)
{
    const at::Tensor columns = similarity.abs().t().contiguous(); // [vectors, p]
    const std::vector<double> allBase = toNumbers(base);
    const auto p = static_cast<std::int64_t>(allBase.size());
    VectorMatch match;
    match.baseValues.assign(allBase.begin(), allBase.begin() + std::min(p, options.values));
    match.tunedValues = toNumbers(tuned.narrow(0, 0, std::min(tuned.size(0), options.values)));
    for (std::int64_t j = 0; j < columns.size(0); ++j) {
        const double* column = columns.const_data_ptr<double>() + j * p;
        const auto best = static_cast<std::size_t>(std::max_element(column, column + p) - column);
        match.best.push_back(std::min(column[best], 1.0));
        match.bestIndex.push_back(static_cast<std::int64_t>(best));
        match.tied.push_back(tiedMatch(column, allBase, best));
    }
    match.cornerSize = std::min({options.corner, p, columns.size(0)});
    match.corner =
        toNumbers(columns.narrow(0, 0, match.cornerSize).narrow(1, 0, match.cornerSize).t());
    return match;
}

/// U0, thin, also where only V0 was kept.
at::Tensor leftVectors(const Decomposition& base, const at::Tensor& exactBase)
{
    return base.isLeft ? base.vectors : exactBase.matmul(base.vectors) / base.values;
}

bool isInvertible(const Decomposition& base)
{
    return base.values[-1].item<double>() > kInvertible * base.values[0].item<double>();
}

} // namespace

VectorMatch matchPlain(const at::Tensor& W0, const at::Tensor& W, const MatchOptions& options)
{
    const at::NoGradGuard noGrad;
    const auto [U0, S0, V0h] = at::linalg_svd(W0.to(at::kDouble), false);
    const auto [U, S, Vh] = at::linalg_svd(W.to(at::kDouble), false);
    const std::int64_t vectors = std::min(options.vectors, shorterSide(W));
    VectorMatch match = matchOf(U0.t().matmul(U.narrow(1, 0, vectors)), S0, S, options);
    match.isPlain = true;
    return match;
}

VectorMatch matchLowRank(const Decomposition& base,
                         const at::Tensor& W0,
                         const at::Tensor& A,
                         const at::Tensor& B,
                         const MatchOptions& options)
{
    const at::NoGradGuard noGrad;
    const at::Tensor exact = W0.to(at::kDouble);
    const at::Tensor a = A.to(at::kDouble);
    const at::Tensor b = B.to(at::kDouble);
    const auto plain = [&] { return matchPlain(exact, exact + b.matmul(a), options); };
    if (!base.isLeft && !isInvertible(base))
        return plain();

    // Of the transposed matrix A^T takes the place of B and B^T that of A.
    const at::Tensor& toBasis = base.vectors;
    LowRankUpdate G;
    G.D = base.values * base.values;
    G.P = toBasis.t().matmul(base.isLeft ? b : a.t());
    G.X = toBasis.t().matmul(base.isLeft ? exact.matmul(a.t()) : exact.t().matmul(b));
    G.K = base.isLeft ? a.matmul(a.t()) : b.t().matmul(b);
    const std::int64_t p = G.size();
    const std::int64_t vectors = std::min(options.vectors, p);
    const auto pairs = largestEigenpairs(G, std::max(vectors + 1, options.values), vectors);
    if (!pairs)
        return plain();

    const at::Tensor tuned = pairs->values.clamp_min(0).sqrt();
    at::Tensor similarity = pairs->vectors.narrow(1, 0, vectors);
    if (!base.isLeft) {
        const at::Tensor S0 = base.values.unsqueeze(1);
        similarity = (S0 * similarity + G.X.matmul(G.P.t().matmul(similarity)) / S0)
            / tuned.narrow(0, 0, vectors);
    }
    return matchOf(similarity, base.values, tuned, options);
}

VectorMatch matchDense(const Decomposition& base,
                       const at::Tensor& W0,
                       const at::Tensor& W,
                       const MatchOptions& options)
{
    const at::NoGradGuard noGrad;
    const at::Tensor exactBase = W0.to(at::kDouble);
    const at::Tensor exact = W.to(at::kDouble);
    if (!base.isLeft && !isInvertible(base))
        return matchPlain(exactBase, exact, options);
    const Decomposition own = decompose(exact);
    const std::int64_t vectors = std::min(options.vectors, shorterSide(W));
    at::Tensor U = own.vectors.narrow(1, 0, vectors);
    if (!own.isLeft)
        U = exact.matmul(U) / own.values.narrow(0, 0, vectors);
    return matchOf(leftVectors(base, exactBase).t().matmul(U), base.values, own.values, options);
}

at::Tensor
withScaledDirections(const at::Tensor& W, const std::vector<std::int64_t>& places, double lambda)
{
    const at::NoGradGuard noGrad;
    if (lambda == 1.0 || places.empty())
        return W;
    const at::Tensor exact = W.to(at::kDouble);
    const auto [U, S, Vh] = at::linalg_svd(exact, false);
    const at::Tensor chosen = at::tensor(places);
    const at::Tensor left = U.index_select(1, chosen) * S.index_select(0, chosen);
    return exact + (lambda - 1.0) * left.matmul(Vh.index_select(0, chosen));
}

} // namespace tw
