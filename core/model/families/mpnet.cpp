// SPDX-License-Identifier: Apache-2.0
// MPNet (Song et al. 2020): RoBERTa with T5's relative positions, one table for all layers.

#include "core/base/translate.h"
#include "core/model/bert_like.h"
#include "core/model/registry.h"

#include <algorithm>

namespace tw {
namespace {

// Fixed in the reference, whatever the config says.
constexpr std::int64_t kPadding = 1;
constexpr std::int64_t kBuckets = 32;
constexpr std::int64_t kFarthest = 128;

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to = bertConfig(keys, 1e-12);
    to.family = "mpnet";
    to.tokenTypes = 0;
    to.relative = {kBuckets, kFarthest};
    if (keys.integer("relative_attention_num_buckets", kBuckets) != kBuckets)
        throw Error("the key \"relative_attention_num_buckets\" is not 32, the only number that "
                    "MPNet's own code computes with.",
                    kFetchAgain);
    to.paddingId = kPadding;
    to.positionCount = PositionCount::NotPadding;
    to.positionOffset = kPadding + 1;
    to.contextLength = std::max<std::int64_t>(0, to.contextLength - to.positionOffset);
    return to;
}

ModuleNames names(const ModelConfig&)
{
    const std::string layer = "mpnet.encoder.layer.{}.";
    return bertNames("mpnet.").with(
        {{SiteKind::EmbedRelative, "mpnet.encoder.relative_attention_bias"},
         {SiteKind::AttnQ, layer + "attention.attn.q"},
         {SiteKind::AttnK, layer + "attention.attn.k"},
         {SiteKind::AttnV, layer + "attention.attn.v"},
         {SiteKind::AttnO, layer + "attention.attn.o"},
         {SiteKind::Norm1, layer + "attention.LayerNorm"}});
}

} // namespace

void registerMpnet(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "mpnet";
    family.title = QT_TRANSLATE_NOOP("family", "MPNet");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("MPNetFor") || architecture == "MPNetModel";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = "mpnet.";
    family.otherName = oldNormName;
    family.makeHead = robertaHead;
    registry.add(std::move(family));
}

} // namespace tw
