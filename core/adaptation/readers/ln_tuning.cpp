// SPDX-License-Identifier: Apache-2.0
// LayerNorm tuning (Zhao et al. 2024): the norms' weights themselves are trained, and stored whole.
// PEFT allows any other module as well.

#include "core/adaptation/readers/registry.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

#include <set>

namespace tw {
namespace {

AdapterParts read(PeftReader& reader)
{
    AdapterParts parts;
    const std::vector<SiteKind> norms {
        SiteKind::EmbedNorm, SiteKind::Norm1,     SiteKind::Norm1Out,
        SiteKind::Norm2,     SiteKind::Norm2Out,  SiteKind::CrossNorm,
        SiteKind::AttnQNorm, SiteKind::AttnKNorm, SiteKind::FinalNorm, SiteKind::HeadNorm};
    std::set<std::string> targeted;
    for (const SiteInfo& info : reader.targets(norms))
        targeted.insert(info.module);
    for (const auto& [name, tensor] : reader.model().weights()) {
        const auto dot = name.rfind('.');
        const std::string module = name.substr(0, dot);
        const std::string part = "ln_tuning_layers" + name.substr(dot);
        // Norms of heads are no sites: there the file says which ones are meant.
        if (targeted.contains(module) || reader.has(peftName(module, part)))
            parts.weights.push_back({name, module + "." + part,
                                     reader.tensor(peftName(module, part), tensor.sizes().vec()),
                                     true});
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
