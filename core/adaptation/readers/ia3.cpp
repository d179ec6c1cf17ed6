// SPDX-License-Identifier: Apache-2.0
// (IA)^3, as core/adaptation/rescaling.h has it.

#include "core/adaptation/readers/registry.h"
#include "core/adaptation/rescaling.h"
#include "core/base/error.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

#include <algorithm>

namespace tw {
namespace {

/// A list names ends of paths, a text is a pattern of the whole path.
bool isFeedForward(const Json& config, const std::string& module)
{
    const auto it = config.find("feedforward_modules");
    if (it != config.end() && it->is_string())
        return ModulePattern(it->get<std::string>()).matchesWhole(module);
    const auto texts = peftTexts(config, "feedforward_modules");
    return std::any_of(texts.begin(), texts.end(),
                       [&](const std::string& text) { return module.ends_with(text); });
}

AdapterParts read(PeftReader& reader)
{
    AdapterParts parts;
    for (const SiteInfo& info : reader.targets({SiteKind::Head})) {
        const std::string name = peftName(info.module, "ia3_l");
        if (isFeedForward(reader.config(), info.module))
            parts.changes.push_back(
                {info, std::make_shared<RescaledInput>(reader.tensor(name, {1, info.in}))});
        else
            parts.changes.push_back(
                {info, std::make_shared<RescaledOutput>(reader.tensor(name, {info.out, 1}))});
    }
    return parts;
}

} // namespace

void registerIa3(Registry<AdapterReader>& registry)
{
    registry.add({"ia3",
                  QT_TRANSLATE_NOOP("adapter", "IA3"),
                  "IA3",
                  {"feedforward_modules", "init_ia3_weights"},
                  read});
}

} // namespace tw
