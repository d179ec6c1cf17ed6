// SPDX-License-Identifier: Apache-2.0
// LoKr (Yeh et al. 2024, LyCORIS): delta = scale W1 (x) W2, a Kronecker product; either factor may
// itself be a product of rank r. W1 is [out1, in1], W2 [out2, in2] with out = out1 out2 and in =
// in1 in2; scale = alpha / rank.

#include "core/adaptation/readers/registry.h"
#include "core/base/error.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace tw {
namespace {

/// One of the two: a matrix, or two factors of it.
struct KroneckerFactor
{
    std::vector<at::Tensor> parts;

    at::Tensor matrix() const { return parts.size() == 1 ? parts[0] : parts[0].matmul(parts[1]); }
};

class LokrDelta final : public WeightDelta
{
public:
    LokrDelta(KroneckerFactor first, KroneckerFactor second, double scale)
        : m_first(std::move(first))
        , m_second(std::move(second))
        , m_scale(scale)
    {
        for (const KroneckerFactor* factor : {&m_first, &m_second})
            for (const at::Tensor& part : factor->parts)
                part.requires_grad_();
    }
    at::Tensor apply(const at::Tensor& x) const override // never makes the [out, in] matrix
    {
        const at::Tensor W1 = m_first.matrix();
        const at::Tensor W2 = m_second.matrix();
        std::vector<std::int64_t> shape = x.sizes().vec();
        shape.back() = W1.size(0) * W2.size(0);
        const at::Tensor split = x.reshape({-1, W1.size(1), W2.size(1)});
        return W1.matmul(split.matmul(W2.t())).reshape(shape) * m_scale;
    }
    at::Tensor matrix() const override
    {
        return at::kron(m_first.matrix(), m_second.matrix()) * m_scale;
    }
    NamedTensors trainable() const override
    {
        NamedTensors all;
        const auto add = [&all](const std::string& name, const KroneckerFactor& factor) {
            if (factor.parts.size() == 1) {
                all.emplace_back(name, factor.parts[0]);
                return;
            }
            all.emplace_back(name + "_a", factor.parts[0]);
            all.emplace_back(name + "_b", factor.parts[1]);
        };
        add("lokr_w1", m_first);
        add("lokr_w2", m_second);
        return all;
    }

private:
    KroneckerFactor m_first;
    KroneckerFactor m_second;
    double m_scale;
};

using Sizes = std::pair<std::int64_t, std::int64_t>;

/// dimension as a product of two, the smaller one first: by factor where that divides it, else the
/// two that lie closest together with the first at most factor (-1: no limit).
Sizes split(std::int64_t dimension, std::int64_t factor)
{
    if (factor > 0 && dimension % factor == 0)
        return {factor, dimension / factor};
    const std::int64_t most = factor == -1 ? dimension : factor;
    Sizes best {1, dimension};
    for (std::int64_t first = 2; first <= most && first * first <= dimension; ++first)
        if (dimension % first == 0)
            best = {first, dimension / first};
    return best;
}

KroneckerFactor readFactor(PeftReader& reader,
                           const std::string& name,
                           std::int64_t rows,
                           std::int64_t columns,
                           std::int64_t rank)
{
    if (reader.has(name))
        return {{reader.tensor(name, {rows, columns})}};
    return {
        {reader.tensor(name + "_a", {rows, rank}), reader.tensor(name + "_b", {rank, columns})}};
}

AdapterParts read(PeftReader& reader)
{
    const PeftRanks ranks(reader.config(), "rank_pattern", "r", 8);
    const PeftPatterns alphas(reader.config(), "alpha_pattern");
    const double alpha = peftNumber(reader.config(), "alpha", 8);
    const std::int64_t factor = peftInteger(reader.config(), "decompose_factor", -1);
    AdapterParts parts;
    for (const SiteInfo& info : reader.targets({SiteKind::Head})) {
        const std::int64_t rank = ranks.of(info.module);
        const Sizes in = split(info.in, factor);
        const Sizes out = split(info.out, factor);
        auto first =
            readFactor(reader, peftName(info.module, "lokr_w1"), out.first, in.first, rank);
        auto second =
            readFactor(reader, peftName(info.module, "lokr_w2"), out.second, in.second, rank);
        const double scale = alphas.find(info.module).value_or(alpha) / static_cast<double>(rank);
        parts.changes.push_back(
            {info, std::make_shared<LokrDelta>(std::move(first), std::move(second), scale)});
    }
    return parts;
}

} // namespace

void registerLokr(Registry<AdapterReader>& registry)
{
    registry.add({"lokr",
                  QT_TRANSLATE_NOOP("adapter", "LoKr"),
                  "LOKR",
                  {"r", "alpha", "rank_pattern", "alpha_pattern", "rank_dropout",
                   "rank_dropout_scale", "module_dropout", "init_weights", "decompose_both",
                   "decompose_factor", "use_effective_conv2d"},
                  read});
}

} // namespace tw
