// SPDX-License-Identifier: Apache-2.0
// LoKr, as core/adaptation/lokr_delta.h has it; scale = alpha / rank.

#include "core/adaptation/lokr_delta.h"
#include "core/adaptation/readers/registry.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

namespace tw {
namespace {

/// Whether it is whole, the file says.
KroneckerFactor
readFactor(PeftReader& reader, const std::string& name, const LokrSizes& sizes, std::int64_t rank)
{
    if (reader.has(name))
        return {{reader.tensor(name, {sizes.rows, sizes.columns})}};
    return {{reader.tensor(name + "_a", {sizes.rows, rank}),
             reader.tensor(name + "_b", {rank, sizes.columns})}};
}

AdapterParts read(PeftReader& reader)
{
    const Json& config = reader.config();
    const PeftRanks ranks(config, "rank_pattern", "r", 8);
    const PeftPatterns alphas(config, "alpha_pattern");
    const double alpha = peftNumber(config, "alpha", 8);
    LokrRule rule;
    rule.factor = peftInteger(config, "decompose_factor", -1);
    const LycorisDropout dropout {peftNumber(config, "rank_dropout", 0),
                                  peftNumber(config, "module_dropout", 0),
                                  peftFlag(config, "rank_dropout_scale", false)};
    AdapterParts parts;
    for (const SiteInfo& info : reader.targets({SiteKind::Head})) {
        rule.rank = ranks.of(info.module);
        const LokrSplit split = lokrSplit(info.out, info.in, rule);
        auto first = readFactor(reader, peftName(info.module, "lokr_w1"), split.first, rule.rank);
        auto second = readFactor(reader, peftName(info.module, "lokr_w2"), split.second, rule.rank);
        const double scale =
            alphas.find(info.module).value_or(alpha) / static_cast<double>(rule.rank);
        parts.changes.push_back(
            {info,
             std::make_shared<LokrDelta>(std::move(first), std::move(second), scale, dropout)});
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
