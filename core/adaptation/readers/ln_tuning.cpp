// SPDX-License-Identifier: Apache-2.0
// LayerNorm tuning (Zhao et al. 2024): the norms' weights themselves are trained, and stored whole.
// PEFT allows any other module as well.

#include "core/adaptation/readers/registry.h"
#include "core/base/translate.h"

namespace tw {
namespace {

AdapterParts read(PeftReader& reader)
{
    AdapterParts parts;
    const std::vector<SiteKind> norms {
        SiteKind::EmbedNorm, SiteKind::Norm1,     SiteKind::Norm1Out,
        SiteKind::Norm2,     SiteKind::Norm2Out,  SiteKind::CrossNorm,
        SiteKind::AttnQNorm, SiteKind::AttnKNorm, SiteKind::FinalNorm};
    for (const SiteInfo& info : reader.targets(norms))
        for (const auto& [name, tensor] : reader.model().weights()) {
            if (!name.starts_with(info.module + "."))
                continue;
            const std::string part = "ln_tuning_layers" + name.substr(info.module.size());
            parts.weights.push_back(
                {name, info.module + "." + part,
                 reader.tensor(peftName(info.module, part), tensor.sizes().vec()), true});
        }
    return parts;
}

} // namespace

void registerLnTuning(Registry<AdapterReader>& registry)
{
    registry.add(
        {"ln_tuning", QT_TRANSLATE_NOOP("adapter", "LayerNorm tuning"), "LN_TUNING", {}, read});
}

} // namespace tw
