// SPDX-License-Identifier: Apache-2.0
// LoHa (Hyeon-Woo et al. 2022, FedPara): delta = scale (A1 B1) * (A2 B2), entry by entry; scale =
// alpha / rank.

#include "core/adaptation/readers/registry.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

namespace tw {
namespace {

class LohaDelta final : public WeightDelta
{
public:
    /// factors: A1 [out, rank], B1 [rank, in], A2 and B2 alike, under PEFT's names.
    LohaDelta(NamedTensors factors, double scale)
        : m_factors(std::move(factors))
        , m_scale(scale)
    {
        for (const auto& [name, tensor] : m_factors)
            tensor.requires_grad_();
    }
    at::Tensor apply(const at::Tensor& x) const override
    {
        const auto [A1, B1, A2, B2] = factors();
        const std::int64_t pairs = A1.size(1) * A2.size(1);
        if (2 * pairs > std::min(A1.size(0), B1.size(1)))
            return at::linear(x, matrix());
        // The product of two matrices of rank r, entry by entry, has rank r^2: its factors are all
        // pairs of theirs.
        const at::Tensor A = (A1.unsqueeze(2) * A2.unsqueeze(1)).view({-1, pairs});
        const at::Tensor B = (B1.unsqueeze(1) * B2.unsqueeze(0)).view({pairs, -1});
        return at::linear(at::linear(x, B), A) * m_scale;
    }
    at::Tensor matrix() const override
    {
        const auto [A1, B1, A2, B2] = factors();
        return A1.matmul(B1) * A2.matmul(B2) * m_scale;
    }
    NamedTensors trainable() const override { return m_factors; }

private:
    std::array<at::Tensor, 4> factors() const
    {
        return {m_factors[0].second, m_factors[1].second, m_factors[2].second, m_factors[3].second};
    }

    NamedTensors m_factors;
    double m_scale;
};

AdapterParts read(PeftReader& reader)
{
    const PeftRanks ranks(reader.config(), "rank_pattern", "r", 8);
    const PeftPatterns alphas(reader.config(), "alpha_pattern");
    const double alpha = peftNumber(reader.config(), "alpha", 8);
    AdapterParts parts;
    for (const SiteInfo& info : reader.targets({SiteKind::Head})) {
        const std::int64_t rank = ranks.of(info.module);
        NamedTensors factors;
        for (const char* half : {"hada_w1_", "hada_w2_"}) {
            const auto add = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
                factors.emplace_back(name, reader.tensor(peftName(info.module, name), shape));
            };
            add(half + std::string("a"), {info.out, rank});
            add(half + std::string("b"), {rank, info.in});
        }
        const double scale = alphas.find(info.module).value_or(alpha) / static_cast<double>(rank);
        parts.changes.push_back({info, std::make_shared<LohaDelta>(std::move(factors), scale)});
    }
    return parts;
}

} // namespace

void registerLoha(Registry<AdapterReader>& registry)
{
    registry.add({"loha",
                  QT_TRANSLATE_NOOP("adapter", "LoHa"),
                  "LOHA",
                  {"r", "alpha", "rank_pattern", "alpha_pattern", "rank_dropout", "module_dropout",
                   "init_weights", "use_effective_conv2d"},
                  read});
}

} // namespace tw
