// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/own_weight.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

/// Where the model keeps a weight, and whether it does so transposed.
struct Slot
{
    at::Tensor* place = nullptr;
    bool isTransposed = false;
};

/// The place of a linear layer's or the embedding's weight, or none. The head and the embedding
/// have two places even where they share one tensor: so they can be told apart again.
Slot slotOf(Model& model, const std::string& name)
{
    for (const SiteInfo& info : model.sites()) {
        if (!name.starts_with(info.module + "."))
            continue;
        const std::string part = name.substr(info.module.size() + 1);
        if (info.site.kind == SiteKind::Embed && part == "weight")
            return {&model.embedding().weight, false};
        if (!info.isLinear && info.site.kind != SiteKind::Head)
            continue;
        Linear& layer = model.linear(info.site);
        if (part == "weight")
            return {&layer.weight, info.isLinear && model.config().storesTransposed};
        if (part == "bias")
            return {&layer.bias, false};
    }
    return {};
}

at::Tensor weightOf(const Model& model, const std::string& name)
{
    for (const auto& [own, tensor] : model.weights())
        if (own == name)
            return tensor;
    return {};
}

void check(const at::Tensor& base, const std::string& name, const at::Tensor& value)
{
    if (!base.defined())
        throw Error("The adapter brings a weight " + name + ", which this model does not have.",
                    "Open the model that the adapter was trained on.");
    if (base.sizes() != value.sizes())
        throw Error("The adapter's weight " + name + " is " + c10::str(value.sizes())
                        + ", the model's is " + c10::str(base.sizes()) + ".",
                    "Open the model that the adapter was trained on; one with added tokens has a "
                    "larger vocabulary than its base.");
    if (base.requires_grad())
        throw Error("Two adapters bring the weight " + name
                        + " along, and only one can stand there.",
                    "Use one of them at a time, or merge the first into the model.");
}

} // namespace

OwnWeight::OwnWeight(Model& model, const BroughtWeight& brought)
    : m_value(brought.value)
    , m_isTrained(brought.isTrained)
{
    const std::string& name = brought.weight;
    const auto [place, isTransposed] = brought.isEverywhere ? Slot {} : slotOf(model, name);
    m_slot = place;
    m_base = place != nullptr ? *place : weightOf(model, name);
    check(isTransposed && m_base.defined() ? m_base.t() : m_base, name, m_value);
    if (place != nullptr) {
        m_tensor = m_value.requires_grad_(m_isTrained);
        m_placed = isTransposed ? m_tensor.t() : m_tensor;
    } else {
        m_tensor = m_base;
        m_base = m_tensor.detach(); // keeps the model's values once the contents are exchanged
    }
}

void OwnWeight::enable()
{
    if (m_slot != nullptr) {
        *m_slot = m_placed;
        return;
    }
    m_tensor.set_data(m_value);
    m_tensor.requires_grad_(m_isTrained);
}

void OwnWeight::disable()
{
    if (m_slot != nullptr) {
        *m_slot = m_base;
        return;
    }
    m_tensor.set_data(m_base);
    m_tensor.requires_grad_(false);
}

} // namespace tw
