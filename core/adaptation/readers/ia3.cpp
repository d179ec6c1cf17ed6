// SPDX-License-Identifier: Apache-2.0
// (IA)^3 (Liu et al. 2022): a vector l rescales what a layer gives, y = l * (W x + b), or, in
// feed-forward layers, what it takes, y = W (l * x) + b.

#include "core/adaptation/readers/registry.h"
#include "core/base/error.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

class RescaledOutput final : public LinearChange
{
public:
    explicit RescaledOutput(at::Tensor l)
        : m_l(l.requires_grad_())
    {
    }
    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& /*base*/,
                       const TensorFunction& below) const override
    {
        return below(x) * m_l.view({-1});
    }
    LinearWeights merged(const LinearWeights& /*base*/, const LinearWeights& below) const override
    {
        return {below.weight * m_l,
                below.bias.defined() ? below.bias * m_l.view({-1}) : below.bias};
    }
    NamedTensors trainable() const override { return {{"ia3_l", m_l}}; }

private:
    at::Tensor m_l; ///< [out, 1]
};

class RescaledInput final : public LinearChange
{
public:
    explicit RescaledInput(at::Tensor l)
        : m_l(l.requires_grad_())
    {
    }
    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& /*base*/,
                       const TensorFunction& below) const override
    {
        return below(x * m_l);
    }
    LinearWeights merged(const LinearWeights& /*base*/, const LinearWeights& below) const override
    {
        return {below.weight * m_l, below.bias};
    }
    NamedTensors trainable() const override { return {{"ia3_l", m_l}}; }

private:
    at::Tensor m_l; ///< [1, in]
};

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
