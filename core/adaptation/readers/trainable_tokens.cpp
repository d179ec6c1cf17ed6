// SPDX-License-Identifier: Apache-2.0
// Trainable tokens: only the embeddings of a few tokens are trained, and their rows stored.

#include "core/adaptation/peft_shared.h"
#include "core/adaptation/readers/registry.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

constexpr const char* kRows = "trainable_tokens_delta";

/// PEFT stores the rows of a tied head a second time.
void skipTiedHead(PeftReader& reader, AdapterParts& parts)
{
    for (const SiteInfo& info : reader.model().sites()) {
        const std::string name = peftName(info.module, kRows);
        if (info.site.kind == SiteKind::Head && reader.has(name))
            parts.frozen.emplace_back(name, reader.tensor(name, reader.shapeOf(name)));
    }
}

AdapterParts read(PeftReader& reader)
{
    AdapterParts parts;
    const Json indices = reader.config().value("token_indices", Json::array());
    for (const SiteInfo& info : reader.targets({SiteKind::Embed, SiteKind::Head}))
        addTokenRows(reader, parts, indices, info, kRows);
    if (reader.model().config().tiesHead)
        skipTiedHead(reader, parts);
    return parts;
}

} // namespace

void registerTrainableTokens(Registry<AdapterReader>& registry)
{
    registry.add({"trainable_tokens",
                  QT_TRANSLATE_NOOP("adapter", "Trainable tokens"),
                  "TRAINABLE_TOKENS",
                  {"token_indices", "init_weights"},
                  read});
}

} // namespace tw
