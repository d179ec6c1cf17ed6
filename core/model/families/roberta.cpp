// SPDX-License-Identifier: Apache-2.0
// RoBERTa (Liu et al. 2019), XLM-R (Conneau et al. 2020) and CamemBERT: BERT whose positions count
// from the padding token's number on, and other heads.

#include "core/base/translate.h"
#include "core/model/bert_like.h"
#include "core/model/registry.h"

#include <algorithm>

namespace tw {
namespace {

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to = bertConfig(keys, 1e-12);
    to.family = "roberta";
    to.paddingId = keys.integer("pad_token_id", 1);
    to.positionCount = PositionCount::NotPadding;
    to.positionOffset = to.paddingId + 1;
    to.contextLength = std::max<std::int64_t>(0, to.contextLength - to.positionOffset);
    return to;
}

ModuleNames names(const ModelConfig&)
{
    return bertNames("roberta.");
}

} // namespace

void registerRoberta(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "roberta";
    family.title = QT_TRANSLATE_NOOP("family", "RoBERTa, XLM-R and CamemBERT");
    family.reads = [](const std::string& architecture) {
        const auto isOf = [&](const std::string& name) {
            return architecture.starts_with(name + "For") || architecture == name + "Model";
        };
        return isOf("Roberta") || isOf("XLMRoberta") || isOf("Camembert");
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = "roberta.";
    family.otherName = oldNormName;
    family.makeHead = robertaHead;
    registry.add(std::move(family));
}

} // namespace tw
