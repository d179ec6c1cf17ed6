// SPDX-License-Identifier: Apache-2.0
// OFT (Qiu et al. 2023; the input-centric form of 2025): y = W R^T x with a rotation R of blocks
// along the diagonal. Each block comes from a skew-symmetric Q, of which the entries above the
// diagonal are stored row by row: by Cayley's map, R = (I - Q)(I + Q)^-1, or by n terms of the
// series of (I + Q)(I - Q)^-1 as PEFT sums them:
//     R = I + 2 Q + 2 Q^2 + ... + 2 Q^(n-2) + Q^(n-1)
// The two turn in opposite directions; that is how PEFT has it.

#include "core/adaptation/readers/registry.h"
#include "core/base/error.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

struct OftOptions
{
    std::int64_t size = 0; ///< of a block
    std::int64_t blocks = 0;
    bool isShared = false; ///< one block stored for all
    bool usesSeries = true;
    std::int64_t terms = 5;
    double bound = 0.0; ///< on |Q| of all blocks together (COFT); 0: none
};

class OftChange final : public LinearChange
{
public:
    /// entries: [blocks or 1, size (size - 1) / 2].
    OftChange(const OftOptions& options, at::Tensor entries)
        : m_options(options)
        , m_entries(entries.requires_grad_())
    {
    }
    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& /*base*/,
                       const TensorFunction& below) const override
    {
        return below(turned(x, rotations()));
    }
    LinearWeights merged(const LinearWeights& /*base*/, const LinearWeights& below) const override
    {
        return {turned(below.weight, rotations().transpose(1, 2)), below.bias};
    }
    NamedTensors trainable() const override { return {{"oft_R.weight", m_entries}}; }

private:
    /// Each row of x [n, in], block by block, times the matrices [blocks or 1, size, size].
    at::Tensor turned(const at::Tensor& x, const at::Tensor& matrices) const
    {
        const at::Tensor split = x.reshape({x.size(0), m_options.blocks, 1, m_options.size});
        return split.matmul(matrices.unsqueeze(0)).reshape(x.sizes());
    }

    at::Tensor skewSymmetric() const
    {
        const at::Tensor above =
            at::triu_indices(m_options.size, m_options.size, 1, at::TensorOptions(at::kLong));
        const at::Tensor flat = above[0] * m_options.size + above[1];
        const at::Tensor upper =
            at::zeros({m_entries.size(0), m_options.size * m_options.size}, at::kFloat)
                .index_copy(1, flat, m_entries)
                .view({-1, m_options.size, m_options.size});
        const at::Tensor Q = upper - upper.transpose(1, 2);
        if (m_options.bound <= 0.0)
            return Q;
        const double most = m_options.bound / std::sqrt(static_cast<double>(Q.size(0)));
        const at::Tensor norms = Q.detach().norm(2, {1, 2}, true);
        return Q * (most / norms).clamp_max(1.0);
    }

    at::Tensor rotations() const
    {
        const at::Tensor Q = skewSymmetric();
        const at::Tensor one = at::eye(m_options.size).expand_as(Q);
        return m_options.usesSeries ? series(one, Q)
                                    : at::linalg_solve(one + Q, one - Q, /*left=*/false);
    }

    at::Tensor series(const at::Tensor& one, const at::Tensor& Q) const
    {
        if (m_options.terms < 2)
            return one;
        at::Tensor R = one + 2.0 * Q;
        if (m_options.terms == 2)
            return R;
        at::Tensor power = Q.bmm(Q);
        R = R + 2.0 * power;
        for (std::int64_t i = 3; i < m_options.terms - 1; ++i) {
            power = power.bmm(Q);
            R = R + 2.0 * power;
        }
        return R + power.bmm(Q);
    }

    OftOptions m_options;
    at::Tensor m_entries;
};

/// The divisor of `whole` that lies closest to `wanted`; of two the smaller one.
std::int64_t nearestDivisor(std::int64_t whole, std::int64_t wanted)
{
    if (wanted >= whole)
        return whole;
    std::int64_t above = wanted;
    while (whole % above != 0)
        ++above;
    std::int64_t below = wanted;
    while (whole % below != 0)
        --below;
    return wanted - below <= above - wanted ? below : above;
}

/// How PEFT cuts an input of this width: r is the number of blocks, oft_block_size their size, and
/// one of them is 0.
OftOptions optionsFor(const Json& config, std::int64_t width)
{
    const std::int64_t blocks = peftInteger(config, "r", 0);
    const std::int64_t size = peftInteger(config, "oft_block_size", 32);
    if (blocks < 0 || size < 0 || (blocks == 0) == (size == 0))
        throw Error(std::string(kPeftConfigFile) + ": r is " + std::to_string(blocks)
                        + " and oft_block_size " + std::to_string(size)
                        + ", but exactly one of them says how the input is cut.",
                    "Adapters of OFT from before PEFT 0.14 cannot be read: train again.");
    OftOptions options;
    options.size = size > 0 ? nearestDivisor(width, size) : width / nearestDivisor(width, blocks);
    options.blocks = width / options.size;
    options.isShared = peftFlag(config, "block_share", false);
    options.usesSeries = peftFlag(config, "use_cayley_neumann", true);
    options.terms = peftInteger(config, "num_cayley_neumann_terms", 5);
    if (options.terms < 1 || options.terms > 1000)
        throw Error(std::string(kPeftConfigFile) + ": num_cayley_neumann_terms is "
                        + std::to_string(options.terms) + ".",
                    "It is a number from 1; PEFT's default is 5.");
    options.bound = peftFlag(config, "coft", false) ? peftNumber(config, "eps", 6e-5) : 0.0;
    return options;
}

AdapterParts read(PeftReader& reader)
{
    AdapterParts parts;
    for (const SiteInfo& info : reader.targets({SiteKind::Head})) {
        const OftOptions options = optionsFor(reader.config(), info.in);
        const at::Tensor entries = reader.tensor(
            peftName(info.module, "oft_R.weight"),
            {options.isShared ? 1 : options.blocks, options.size * (options.size - 1) / 2});
        parts.changes.push_back({info, std::make_shared<OftChange>(options, entries)});
    }
    return parts;
}

} // namespace

void registerOft(Registry<AdapterReader>& registry)
{
    registry.add({"oft",
                  QT_TRANSLATE_NOOP("adapter", "OFT"),
                  "OFT",
                  {"r", "oft_block_size", "module_dropout", "init_weights", "coft", "eps",
                   "block_share", "use_cayley_neumann", "num_cayley_neumann_terms"},
                  read});
}

} // namespace tw
