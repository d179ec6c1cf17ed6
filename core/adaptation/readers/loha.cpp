// SPDX-License-Identifier: Apache-2.0
// LoHa, as core/adaptation/loha_delta.h has it; scale = alpha / rank.

#include "core/adaptation/loha_delta.h"
#include "core/adaptation/readers/registry.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

namespace tw {
namespace {

AdapterParts read(PeftReader& reader)
{
    const PeftRanks ranks(reader.config(), "rank_pattern", "r", 8);
    const PeftPatterns alphas(reader.config(), "alpha_pattern");
    const double alpha = peftNumber(reader.config(), "alpha", 8);
    const LycorisDropout dropout {peftNumber(reader.config(), "rank_dropout", 0),
                                  peftNumber(reader.config(), "module_dropout", 0), true};
    AdapterParts parts;
    for (const SiteInfo& info : reader.targets({SiteKind::Head})) {
        const std::int64_t rank = ranks.of(info.module);
        const auto factor = [&](const char* name, std::int64_t rows, std::int64_t columns) {
            return reader.tensor(peftName(info.module, name), {rows, columns});
        };
        const double scale = alphas.find(info.module).value_or(alpha) / static_cast<double>(rank);
        parts.changes.push_back(
            {info,
             std::make_shared<LohaDelta>(std::array {factor("hada_w1_a", info.out, rank),
                                                     factor("hada_w1_b", rank, info.in),
                                                     factor("hada_w2_a", info.out, rank),
                                                     factor("hada_w2_b", rank, info.in)},
                                         scale, dropout)});
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
