// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/beyond_sites.h"

#include "core/adaptation/peft_config.h"
#include "core/base/error.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <set>

namespace tw {
namespace {

constexpr std::string_view kWeight = ".weight";

at::Tensor find(const NamedTensors& tensors, const std::string& name)
{
    for (const auto& [own, tensor] : tensors)
        if (own == name)
            return tensor;
    return {};
}

/// A table of an embedding has two dimensions too; PEFT calls its tensors otherwise.
bool hasTensorsOfLinear(const std::set<std::string>& stored, const std::string& module)
{
    const std::string start = kPeftPrefix + module + ".";
    const auto it = stored.lower_bound(start);
    return it != stored.end() && it->starts_with(start)
        && !stored.contains(start + "lora_embedding_A");
}

bool isOwnLinear(const SiteInfo& info)
{
    return info.isLinear || info.site.kind == SiteKind::Head || info.site.kind == SiteKind::Embed;
}

bool isSiteOf(const Model& model, const SiteInfo& info)
{
    return std::any_of(model.sites().begin(), model.sites().end(),
                       [&](const SiteInfo& own) { return own.site == info.site; });
}

/// What the layer has before the change: the adapter may bring a bias of its own.
LinearWeights
weightsBelow(const NamedTensors& weights, const AdapterParts& parts, const std::string& module)
{
    LinearWeights below {find(weights, module + ".weight"), find(weights, module + ".bias")};
    for (const BroughtWeight& brought : parts.weights)
        if (brought.weight == module + ".bias")
            below.bias = brought.value;
    return below;
}

void settle(const NamedTensors& weights, const PlacedChange& placed, AdapterParts& parts)
{
    const std::string& module = placed.info.module;
    const LinearWeights below = weightsBelow(weights, parts, module);
    const LinearWeights all = placed.change->merged(below, below);
    parts.weights.push_back({module + ".weight", "", all.weight.contiguous(), false});
    if (all.bias.defined() && !all.bias.is_same(below.bias)) {
        const bool isBrought =
            below.bias.defined() && !below.bias.is_same(find(weights, module + ".bias"));
        if (!below.bias.defined() || isBrought)
            throw Error("The adapter changes the bias of " + module
                            + ", which lies outside the blocks and has "
                            + (isBrought ? "a trained bias as well." : "none."),
                        "Merge the adapter into its model with PEFT and open the merged model.");
        parts.weights.push_back({module + ".bias", "", all.bias.contiguous(), false});
    }
    for (const auto& [name, tensor] : placed.change->trainable())
        parts.frozen.emplace_back(kPeftPrefix + module + "." + name, tensor.detach());
}

} // namespace

std::vector<SiteInfo> withLinearsBeyond(const Model& model, const TensorFile& tensors)
{
    std::set<std::string> stored;
    for (const TensorInfo& info : tensors.tensors())
        stored.insert(info.name);
    std::vector<SiteInfo> all = model.sites();
    for (const auto& [name, weight] : model.weights()) {
        if (weight.dim() != 2 || !name.ends_with(kWeight))
            continue;
        const std::string module = name.substr(0, name.size() - kWeight.size());
        const auto own = std::find_if(all.begin(), all.end(),
                                      [&](const SiteInfo& info) { return info.module == module; });
        if ((own != all.end() && isOwnLinear(*own)) || !hasTensorsOfLinear(stored, module))
            continue;
        const SiteInfo beyond {Site {}, module, weight.size(1), weight.size(0), true};
        if (own != all.end())
            *own = beyond;
        else
            all.push_back(beyond);
    }
    return all;
}

void settleBeyondSites(const Model& model, AdapterParts& parts)
{
    const at::NoGradGuard noGradients;
    const NamedTensors weights = model.weights();
    const auto changes = std::move(parts.changes);
    parts.changes.clear();
    for (const PlacedChange& placed : changes)
        if (isSiteOf(model, placed.info))
            parts.changes.push_back(placed);
        else
            settle(weights, placed, parts);
}

} // namespace tw
