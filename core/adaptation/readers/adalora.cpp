// SPDX-License-Identifier: Apache-2.0
// AdaLoRA (Zhang et al. 2023): delta = scale P diag(E) Q, of which training kept some of the first
// init_r ranks. PEFT divides by the rank at the start, not by what was kept: scale = alpha /
// (init_r + 1e-5).

#include "core/adaptation/readers/registry.h"
#include "core/base/error.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {
namespace {

class AdaloraDelta final : public WeightDelta
{
public:
    /// Q [rank, in], E [rank, 1], P [out, rank]; a rank of 0 is possible.
    AdaloraDelta(at::Tensor Q, at::Tensor E, at::Tensor P, double scale, double dropout)
        : m_q(Q.requires_grad_())
        , m_e(E.requires_grad_())
        , m_p(P.requires_grad_())
        , m_scale(scale)
        , m_dropout(dropout)
    {
    }
    at::Tensor apply(const at::Tensor& x) const override
    {
        const at::Tensor seen =
            m_dropout > 0 ? at::dropout(x, m_dropout, at::GradMode::is_enabled()) : x;
        return seen.matmul((m_q * m_e).t()).matmul(m_p.t()) * m_scale;
    }
    at::Tensor matrix() const override { return m_p.matmul(m_q * m_e) * m_scale; }
    NamedTensors trainable() const override
    {
        return {{"lora_A", m_q}, {"lora_B", m_p}, {"lora_E", m_e}};
    }
    std::optional<LowRank> lowRank() const override
    {
        if (m_q.size(0) == 0)
            return std::nullopt;
        return LowRank {m_q * m_e, m_p, m_scale, m_dropout};
    }

private:
    at::Tensor m_q;
    at::Tensor m_e;
    at::Tensor m_p;
    double m_scale;
    double m_dropout;
};

/// How many ranks of a module were kept: rank_pattern lists a flag for each of the first ones.
std::int64_t keptRank(const Json& config, const std::string& module, std::int64_t first)
{
    const auto patterns = config.find("rank_pattern");
    if (patterns == config.end() || !patterns->is_object())
        return first;
    const auto flags = patterns->find(module + ".lora_E");
    if (flags == patterns->end())
        return first;
    bool isGood = flags->is_array() && static_cast<std::int64_t>(flags->size()) == first;
    std::int64_t kept = 0;
    for (const Json& flag : *flags) {
        isGood = isGood && flag.is_boolean();
        kept += isGood && flag.get<bool>() ? 1 : 0;
    }
    if (!isGood)
        throw Error(std::string(kPeftConfigFile) + ": rank_pattern." + module
                        + ".lora_E has to be a list of " + std::to_string(first)
                        + " flags, one for each rank.",
                    "Write the adapter again.");
    return kept;
}

AdapterParts read(PeftReader& reader)
{
    const Json& config = reader.config();
    const std::int64_t first = peftInteger(config, "init_r", 12);
    if (first < 1)
        throw Error(std::string(kPeftConfigFile) + ": init_r is " + std::to_string(first)
                        + ", but a rank is at least 1.",
                    "Write the adapter again.");
    const double alpha = peftNumber(config, "lora_alpha", 8);
    const double dropout = peftNumber(config, "lora_dropout", 0);
    AdapterParts parts;
    for (const SiteInfo& info : reader.targets({SiteKind::Head})) {
        const std::int64_t rank = keptRank(config, info.module, first);
        const double weight = alpha > 0 ? alpha : static_cast<double>(rank);
        const auto tensor = [&](const char* name, const std::vector<std::int64_t>& shape) {
            return reader.tensor(peftName(info.module, name), shape);
        };
        parts.changes.push_back({info,
                                 std::make_shared<AdaloraDelta>(
                                     tensor("lora_A", {rank, info.in}), tensor("lora_E", {rank, 1}),
                                     tensor("lora_B", {info.out, rank}),
                                     weight / (static_cast<double>(first) + 1e-5), dropout)});
    }
    return parts;
}

} // namespace

void registerAdalora(Registry<AdapterReader>& registry)
{
    registry.add({"adalora",
                  QT_TRANSLATE_NOOP("adapter", "AdaLoRA"),
                  "ADALORA",
                  {"init_r", "r", "target_r", "lora_alpha", "lora_dropout", "rank_pattern",
                   "init_lora_weights", "beta1", "beta2", "deltaT", "orth_reg_weight", "tinit",
                   "tfinal", "total_step"},
                  read});
}

} // namespace tw
