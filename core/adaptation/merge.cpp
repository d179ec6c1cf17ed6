// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/merge.h"

#include "core/base/error.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <map>

namespace tw {
namespace {

std::string moduleAt(const Model& model, SiteKind kind)
{
    for (const SiteInfo& info : model.sites())
        if (info.site.kind == kind)
            return info.module;
    return {};
}

/// Name of a layer's bias; that of a head may stand beside its matrix.
std::string biasNameOf(const Model& model, const SiteInfo& info)
{
    const std::string lone =
        info.site.kind == SiteKind::Head ? moduleAt(model, SiteKind::HeadBias) : std::string();
    return lone.empty() ? info.module + ".bias" : lone;
}

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
                parts[biasNameOf(model, info)] = all.bias;
        }
    }
    return parts;
}

bool isNorm(SiteKind kind)
{
    return kind == SiteKind::Norm1 || kind == SiteKind::Norm1Out || kind == SiteKind::Norm2
        || kind == SiteKind::Norm2Out || kind == SiteKind::FinalNorm;
}

bool isPlace(SiteKind kind)
{
    return isNorm(kind) || kind == SiteKind::AttnOut || kind == SiteKind::MlpOut
        || kind == SiteKind::BlockOut;
}

[[noreturn]] void refuseHidden(const SiteInfo& info, const std::string& why)
{
    throw Error("The change at " + info.module + " cannot be merged: " + why + ".",
                "Keep the adapter beside the model.");
}

/// A norm's weight and bias by name, with what its changes multiply and add: gamma (w n) + gamma b
/// + beta.
void mergeNorm(const Model& model, const SiteInfo& info, std::map<std::string, at::Tensor>& weights)
{
    const auto bias = weights.find(info.module + ".bias");
    at::Tensor& weight = weights.at(info.module + ".weight");
    const double one = model.config().addsOneToNorm ? 1.0 : 0.0;
    for (const auto& change : model.hiddenChanges(info)) {
        const auto own = change->scaleShift();
        if (!own)
            refuseHidden(info, "it is more than a factor and a shift of each channel");
        weight = own->scale * (weight + one) - one;
        if (bias != weights.end()) {
            bias->second = own->scale * bias->second;
            if (own->shift.defined())
                bias->second = bias->second + own->shift;
        } else if (own->shift.defined()) {
            refuseHidden(info, "it adds a shift, and this norm has no bias to hold it");
        }
    }
}

/// Norms whose output is changed, in the place of the model's.
void mergeHidden(const Model& model, NamedTensors& all)
{
    std::map<std::string, at::Tensor> weights(all.begin(), all.end());
    for (const SiteInfo& info : model.sites()) {
        if (!isPlace(info.site.kind) || model.hiddenChanges(info).empty())
            continue;
        if (!isNorm(info.site.kind))
            refuseHidden(info, "it works on hidden states, not on weights");
        mergeNorm(model, info, weights);
    }
    for (auto& [name, tensor] : all)
        tensor = weights.at(name);
}

bool hasEmbedding(const Model& model)
{
    return !moduleAt(model, SiteKind::Embed).empty();
}

} // namespace

NamedTensors mergedWeights(const Model& model)
{
    if (model.virtualTokens() != nullptr)
        throw Error("An adapter with virtual tokens (prompt, prefix or p-tuning) cannot be merged: "
                    "it adds tokens before the text instead of changing weights.",
                    "Keep it beside the model, or leave it out.");
    const at::NoGradGuard noGradients;
    const bool hasHead = !moduleAt(model, SiteKind::Head).empty();
    if (hasEmbedding(model) && !model.embedding().changes.empty() && model.config().tiesHead
        && !hasHead)
        throw Error("The adapter changes the embedding, but not the output layer that shares its "
                    "table: as weights, this model cannot have two.",
                    "Keep the adapter beside the model.");
    auto parts = mergedParts(model);
    NamedTensors all;
    for (const auto& [name, tensor] : model.weights()) {
        const auto part = parts.extract(name);
        all.emplace_back(name, (part.empty() ? tensor : part.mapped()).detach());
    }
    mergeHidden(model, all);
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
