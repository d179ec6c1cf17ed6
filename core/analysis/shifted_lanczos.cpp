// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/shifted_lanczos.h"

#include "core/base/random.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tw {
namespace {

constexpr std::int64_t kDenseSize = 160; // below this a dense decomposition takes under 2 ms
constexpr std::int64_t kCheckEvery = 8; // steps; a check costs as much as four of them
constexpr double kLikelySteps = 2.4; // an eigenvalue above the shift: where most spectra are done
constexpr double kMuchLeft = 0.7; // of a vector's length, after what was known is taken away
constexpr double kVectorError = 1e-7; // sin of the angle; cosines are then right to about 1e-7

/// (G - sigma)^-1 and how many eigenvalues of G lie above sigma.
///
/// G - sigma = (D - sigma) + Z M Z^T with Z = [P X], M = [[K, I], [I, 0]], so M^-1 = [[0, I], [I,
/// -K]].
class ShiftedInverse
{
public:
    ShiftedInverse(const LowRankUpdate& G, double sigma)
        : m_sigma(sigma)
        , m_inverse((G.D - sigma).reciprocal())
    {
        const std::int64_t r = G.P.size(1);
        const at::Tensor Z = at::cat({G.P, G.X}, 1);
        const at::Tensor one = at::eye(r, G.D.options());
        const at::Tensor small =
            at::cat({at::cat({at::zeros_like(one), one}, 1), at::cat({one, -G.K}, 1)}, 0);
        m_scaled = m_inverse.unsqueeze(1) * Z;
        const at::Tensor capacitance = small + Z.t().matmul(m_scaled);
        // Inertia of [[D - sigma, Z], [Z^T, -M^-1]] by both of its Schur complements; M has r
        // positive eigenvalues.
        const at::Tensor signs = at::linalg_eigvalsh((capacitance + capacitance.t()) / 2);
        m_above =
            (G.D > sigma).sum().item<std::int64_t>() + (signs < 0).sum().item<std::int64_t>() - r;
        m_corrected = m_scaled.matmul(at::linalg_inv(capacitance));
    }
    double sigma() const { return m_sigma; }
    std::int64_t above() const { return m_above; }
    at::Tensor apply(const at::Tensor& y) const // [N] -> [N]
    {
        return at::addmv(m_inverse * y, m_corrected, m_scaled.t().mv(y), 1, -1);
    }

private:
    double m_sigma;
    at::Tensor m_inverse; ///< [N]
    at::Tensor m_scaled; ///< [N, 2r]
    at::Tensor m_corrected; ///< [N, 2r]
    std::int64_t m_above = 0;
};

/// A shift in the widest gap of D at or after place `first`, so that nothing is divided by nearly
/// 0.
double shiftNear(const at::Tensor& D, std::int64_t first)
{
    const std::int64_t last = std::min(first + 8, D.size(0) - 1);
    const double* d = D.const_data_ptr<double>();
    std::int64_t best = std::min(first, last - 1);
    for (std::int64_t i = best; i < last; ++i)
        if (d[i] - d[i + 1] > d[best] - d[best + 1])
            best = i;
    return (d[best] + d[best + 1]) / 2;
}

/// A shift with at least `wanted` eigenvalues of G above it and not many more.
std::optional<ShiftedInverse> placeShift(const LowRankUpdate& G, std::int64_t wanted)
{
    std::optional<ShiftedInverse> best;
    std::int64_t place = wanted - 1;
    for (int attempt = 0; attempt < 6; ++attempt) {
        ShiftedInverse inverse(G, shiftNear(G.D, place));
        const std::int64_t surplus = inverse.above() - wanted;
        if (surplus >= 0 && (!best || inverse.above() < best->above()))
            best = inverse;
        if (surplus >= 0 && surplus < 12)
            break;
        const std::int64_t next =
            std::clamp<std::int64_t>(place - surplus + (surplus < 0 ? 2 : 0), 0, G.size() - 2);
        if (next == place)
            break;
        place = next;
    }
    return best;
}

/// Lanczos basis Q [steps, N] of the inverse with its tridiagonal projection.
struct Basis
{
    at::Tensor Q;
    std::vector<double> diagonal;
    std::vector<double> beside;
};

/// Grows the basis by one vector. False where the space is exhausted.
bool extend(Basis& basis, const ShiftedInverse& inverse)
{
    const auto step = static_cast<std::int64_t>(basis.diagonal.size());
    const at::Tensor q = basis.Q[step];
    at::Tensor w = inverse.apply(q);
    if (step > 0)
        w.sub_(basis.Q[step - 1], basis.beside.back());
    const double along = q.dot(w).item<double>();
    w.sub_(q, along);
    basis.diagonal.push_back(along);
    // What rounding left of the earlier vectors goes too. Where that takes much of w away, once
    // more: "twice is enough" (Parlett).
    const at::Tensor known = basis.Q.narrow(0, 0, step + 1);
    const double before = w.norm().item<double>();
    w.addmv_(known.t(), known.mv(w), 1, -1);
    double length = w.norm().item<double>();
    if (length < kMuchLeft * before) {
        w.addmv_(known.t(), known.mv(w), 1, -1);
        length = w.norm().item<double>();
    }
    basis.beside.push_back(length);
    if (step + 1 >= basis.Q.size(0) || length < 1e-14 * std::abs(basis.diagonal.front()))
        return false;
    basis.Q[step + 1].copy_(w / length);
    return true;
}

struct Ritz
{
    std::vector<double> lambda; ///< descending
    std::vector<double> inverted; ///< 1 / (lambda - sigma)
    at::Tensor weights; ///< [steps, count] in the order of lambda
};

Ritz ritzPairs(const Basis& basis, double sigma)
{
    const auto steps = static_cast<std::int64_t>(basis.diagonal.size());
    at::Tensor T = at::zeros({steps, steps}, at::kDouble);
    auto entry = T.accessor<double, 2>();
    for (std::int64_t i = 0; i < steps; ++i) {
        entry[i][i] = basis.diagonal[static_cast<std::size_t>(i)];
        if (i + 1 < steps)
            entry[i + 1][i] = entry[i][i + 1] = basis.beside[static_cast<std::size_t>(i)];
    }
    const auto [nu, y] = at::linalg_eigh(T);
    const at::Tensor lambda = nu.reciprocal() + sigma;
    const at::Tensor order = lambda.argsort(0, true);
    const at::Tensor sorted = lambda.index_select(0, order);
    const at::Tensor sortedNu = nu.index_select(0, order);
    const double* l = sorted.const_data_ptr<double>();
    const double* n = sortedNu.const_data_ptr<double>();
    return {{l, l + steps}, {n, n + steps}, y.index_select(1, order)};
}

/// Whether all eigenvalues above sigma are among the Ritz pairs and the first `exact` vectors are
/// good. The bounds are those of the inverse: residual = |last entry of the Ritz vector| * the next
/// off-diagonal entry.
bool hasConverged(const Ritz& ritz,
                  const Basis& basis,
                  const ShiftedInverse& inverse,
                  std::int64_t exact)
{
    const auto count = static_cast<std::size_t>(inverse.above());
    if (ritz.lambda.size() <= count || ritz.lambda[count - 1] <= inverse.sigma()
        || ritz.lambda[count] > inverse.sigma())
        return false;
    const at::Tensor last =
        ritz.weights[static_cast<std::int64_t>(basis.diagonal.size()) - 1].contiguous();
    for (std::size_t j = 0; j < count; ++j) {
        const double residual = basis.beside.back() * std::abs(last.const_data_ptr<double>()[j]);
        double gap = std::abs(ritz.inverted[j]); // the bulk of the inverse's spectrum lies below 0
        for (std::size_t i = 0; i < ritz.inverted.size(); ++i)
            if (i != j)
                gap = std::min(gap, std::abs(ritz.inverted[i] - ritz.inverted[j]));
        const bool isExact = j < static_cast<std::size_t>(exact);
        if (isExact ? residual > 0.1 * kVectorError * gap
                    : residual > 1e-6 * std::abs(ritz.inverted[j]))
            return false;
    }
    return true;
}

/// The last word has G itself: residual against the gaps of its own spectrum.
bool isProven(const LowRankUpdate& G, const Eigenpairs& pairs, std::int64_t exact)
{
    const at::Tensor x = pairs.vectors.narrow(1, 0, exact);
    const at::Tensor residual =
        (G.apply(x) - x * pairs.values.narrow(0, 0, exact)).norm(2, {0}).contiguous();
    const at::Tensor values = pairs.values.contiguous();
    const double* r = residual.const_data_ptr<double>();
    const double* v = values.const_data_ptr<double>();
    for (std::int64_t j = 0; j < exact; ++j) {
        double gap = j > 0 ? v[j - 1] - v[j] : v[j];
        if (j + 1 < values.size(0))
            gap = std::min(gap, v[j] - v[j + 1]);
        if (!(r[j] <= kVectorError * gap))
            return false;
    }
    return true;
}

Eigenpairs dense(const LowRankUpdate& G, std::int64_t wanted)
{
    const auto [values, vectors] = at::linalg_eigh(G.matrix());
    return {values.flip(0).narrow(0, 0, wanted).contiguous(),
            vectors.flip(1).narrow(1, 0, wanted).contiguous()};
}

at::Tensor startVector(std::int64_t size)
{
    RandomStream random(7, "lanczos");
    at::Tensor start = at::empty({size}, at::kDouble);
    for (std::int64_t i = 0; i < size; ++i)
        start.mutable_data_ptr<double>()[i] = random.normal();
    return start / start.norm();
}

} // namespace

at::Tensor LowRankUpdate::apply(const at::Tensor& y) const
{
    const at::Tensor inner = P.t().matmul(y);
    return D.unsqueeze(1) * y + X.matmul(inner) + P.matmul(X.t().matmul(y) + K.matmul(inner));
}

at::Tensor LowRankUpdate::matrix() const
{
    const at::Tensor cross = X.matmul(P.t());
    const at::Tensor G = at::diag(D) + cross + cross.t() + P.matmul(K).matmul(P.t());
    return (G + G.t()) / 2;
}

std::optional<Eigenpairs>
largestEigenpairs(const LowRankUpdate& G, std::int64_t wanted, std::int64_t exact)
{
    const at::NoGradGuard noGrad;
    const std::int64_t size = G.size();
    wanted = std::min(wanted, size);
    exact = std::min(exact, wanted);
    if (size <= kDenseSize || 3 * wanted >= size)
        return dense(G, wanted);
    const std::optional<ShiftedInverse> inverse = placeShift(G, wanted);
    if (!inverse)
        return std::nullopt;

    Basis basis;
    basis.Q = at::empty({std::min(size, 6 * inverse->above() + 64), size}, G.D.options());
    basis.Q[0].copy_(startVector(size));
    bool canGrow = true;
    while (canGrow) {
        canGrow = extend(basis, *inverse);
        const auto steps = static_cast<std::int64_t>(basis.diagonal.size());
        const bool isEarly =
            static_cast<double>(steps) < kLikelySteps * static_cast<double>(inverse->above());
        if (canGrow && (isEarly || steps % kCheckEvery != 0))
            continue;
        const Ritz ritz = ritzPairs(basis, inverse->sigma());
        if (!hasConverged(ritz, basis, *inverse, exact))
            continue;
        Eigenpairs pairs {
            at::tensor(ritz.lambda).to(at::kDouble).narrow(0, 0, wanted),
            basis.Q.narrow(0, 0, steps).t().matmul(ritz.weights.narrow(1, 0, wanted))};
        if (isProven(G, pairs, exact))
            return pairs;
    }
    return std::nullopt;
}

} // namespace tw
