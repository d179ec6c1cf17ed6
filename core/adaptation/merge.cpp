// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/merge.h"

#include "core/base/error.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <map>

namespace tw {
namespace {

/// Merged tensors of the model's linear layers and embedding, by name.
std::map<std::string, at::Tensor> mergedParts(const Model& model)
{
    std::map<std::string, at::Tensor> parts;
    for (const SiteInfo& info : model.sites()) {
        if (info.site.kind == SiteKind::Embed) {
            parts[info.module + ".weight"] = model.embedding().merged();
        } else if (info.isLinear || info.site.kind == SiteKind::Head) {
            const LinearWeights all = model.linear(info.site).merged();
            const bool isTransposed = info.isLinear && model.config().storesTransposed;
            parts[info.module + ".weight"] = isTransposed ? all.weight.t() : all.weight;
            if (all.bias.defined())
                parts[info.module + ".bias"] = all.bias;
        }
    }
    return parts;
}

std::string moduleAt(const Model& model, SiteKind kind)
{
    for (const SiteInfo& info : model.sites())
        if (info.site.kind == kind)
            return info.module;
    return {};
}

} // namespace

NamedTensors mergedWeights(const Model& model)
{
    if (model.virtualTokens() != nullptr)
        throw Error("An adapter with virtual tokens (prompt, prefix or p-tuning) cannot be merged: "
                    "it adds tokens before the text instead of changing weights.",
                    "Keep it beside the model, or leave it out.");
    const at::NoGradGuard noGradients;
    auto parts = mergedParts(model);
    NamedTensors all;
    for (const auto& [name, tensor] : model.weights()) {
        const auto part = parts.extract(name);
        all.emplace_back(name, (part.empty() ? tensor : part.mapped()).detach());
    }
    const std::string head = moduleAt(model, SiteKind::Head) + ".weight";
    if (const auto part = parts.extract(head);
        !part.empty() && !at::equal(part.mapped(), model.embedding().merged()))
        all.emplace_back(head, part.mapped().detach());
    if (!parts.empty())
        throw Error("The adapter gives " + parts.begin()->first
                        + " a value, but this family of models has no such weight.",
                    "Keep the adapter beside the model instead of merging it.");
    return all;
}

} // namespace tw
