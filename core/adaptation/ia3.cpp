// SPDX-License-Identifier: Apache-2.0
// (IA)^3 (Liu et al. 2022): one vector per layer rescales what the layer gives, y = l * (W x + b),
// or, where the MLP goes back to the hidden size, what it takes, y = W (l * x) + b. l starts at 1.

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/peft_writer.h"
#include "core/adaptation/rescaling.h"
#include "core/adaptation/site_check.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

/// The paper's l_ff stands behind the MLP's activation, which is before this layer. PEFT's
/// feedforward_modules are these layers in every family.
bool takesRescaled(const SiteInfo& info)
{
    return info.site.kind == SiteKind::MlpDown;
}

std::string lastPart(const std::string& module)
{
    return module.substr(module.rfind('.') + 1);
}

/// PEFT looks for the ends of paths, and "proj" would be an end of "v_proj" too.
bool meansOnlyFeedForward(const Json& names, const std::vector<SiteInfo>& chosen)
{
    return std::none_of(chosen.begin(), chosen.end(), [&](const SiteInfo& info) {
        return !takesRescaled(info)
            && std::any_of(names.begin(), names.end(), [&](const Json& name) {
                   return info.module.ends_with(name.get<std::string>());
               });
    });
}

/// target_modules and feedforward_modules, which has to be a part of it: the ends of the names
/// where these tell the layers apart, else whole names.
Json targetKeys(const std::vector<SiteInfo>& chosen, const Model& model)
{
    const Json targets = peftTargets(chosen, model);
    Json all = Json::array();
    Json whole = Json::array();
    Json ends = Json::array();
    for (const SiteInfo& info : chosen) {
        all.push_back(info.module);
        if (!takesRescaled(info))
            continue;
        whole.push_back(info.module);
        const std::string end = lastPart(info.module);
        if (std::find(ends.begin(), ends.end(), end) == ends.end())
            ends.push_back(end);
    }
    std::sort(all.begin(), all.end());
    std::sort(whole.begin(), whole.end());
    const bool areTargets = std::all_of(ends.begin(), ends.end(), [&](const Json& end) {
        return std::find(targets.begin(), targets.end(), end) != targets.end();
    });
    if (areTargets && meansOnlyFeedForward(ends, chosen))
        return {{"target_modules", targets}, {"feedforward_modules", ends}};
    return {{"target_modules", all}, {"feedforward_modules", whole}};
}

/// Every key that PEFT 0.21 writes for IA3 alone.
Json peftKeys(const std::vector<SiteInfo>& chosen, const Model& model)
{
    Json keys = targetKeys(chosen, model);
    keys["exclude_modules"] = nullptr;
    keys["fan_in_fan_out"] = model.config().storesTransposed;
    keys["init_ia3_weights"] = true;
    return keys;
}

std::shared_ptr<const LinearChange> freshChange(const SiteInfo& info)
{
    if (takesRescaled(info))
        return std::make_shared<RescaledInput>(at::ones({1, info.in}));
    return std::make_shared<RescaledOutput>(at::ones({info.out, 1}));
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& /*values*/,
                                const AttachContext& /*context*/)
{
    const auto chosen = chosenSites(model.sites(), selection);
    AdapterParts parts;
    for (const SiteInfo& info : chosen)
        parts.changes.push_back({info, freshChange(info)});
    return attachParts(model, std::move(parts),
                       peftConfigWriter("IA3", peftKeys(chosen, model), chosen, model));
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& /*values*/)
{
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen)
        count += takesRescaled(info) ? info.in : info.out;
    return count;
}

Problems check(const std::vector<SiteInfo>& sites,
               const SiteSelection& selection,
               const ParamValues& /*values*/)
{
    return checkSelection("IA3", linearSites(), sites, selection);
}

} // namespace

void registerIa3(Registry<Adaptation>& registry)
{
    Adaptation ia3;
    ia3.id = "ia3";
    ia3.title = QT_TRANSLATE_NOOP("ia3", "IA3");
    ia3.summary = QT_TRANSLATE_NOOP(
        "ia3",
        "Learns one vector per layer that turns its numbers up or down: ten thousandths of the "
        "model, made for a few dozen examples.");
    ia3.traits = {Trait::Merges, Trait::SmallMemory};
    ia3.paper = "Liu et al. 2022, Few-Shot Parameter-Efficient Fine-Tuning is Better and Cheaper "
                "than In-Context Learning";
    ia3.siteKinds = linearSites();
    ia3.defaultSites = {SiteKind::AttnK,  SiteKind::AttnV,  SiteKind::AttnQkv,
                        SiteKind::CrossK, SiteKind::CrossV, SiteKind::MlpDown};
    ia3.parameterCount = parameterCount;
    ia3.check = check;
    ia3.attach = attach;
    registry.add(std::move(ia3));
}

} // namespace tw
