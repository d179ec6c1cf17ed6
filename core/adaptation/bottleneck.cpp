// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/bottleneck.h"

#include "core/adaptation/site_check.h"
#include "core/adaptation/start_values.h"
#include "core/model/activation.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {
namespace {

constexpr double kDeviation = 0.02; // of BERT's first weights, which He et al. 2022 take over
constexpr double kEpsilon = 1e-5; // PyTorch's default, as in the code of He et al. 2022
constexpr std::int64_t kReduction = 16;

std::int64_t widthAt(std::int64_t hidden, const BottleneckOptions& options)
{
    return options.width > 0 ? options.width : std::max<std::int64_t>(1, hidden / kReduction);
}

TensorFunction functionOf(const std::string& activation)
{
    if (activation == "identity")
        return [](const at::Tensor& x) { return x; };
    return activationFrom(activation);
}

} // namespace

Bottleneck::Bottleneck(const BottleneckOptions& options, std::int64_t hidden, RandomStream& random)
    : m_activation(functionOf(options.activation))
    , m_dropout(options.dropout)
    , m_scale(options.scale)
{
    const std::int64_t width = widthAt(hidden, options);
    const bool isLora = options.start == "lora";
    m_down = isLora ? kaimingUniform(width, hidden, random)
                    : normalValues({width, hidden}, kDeviation, random);
    m_downBias = at::zeros({width});
    m_up = normalValues({hidden, width}, isLora ? 0.0 : kDeviation, random);
    m_upBias = at::zeros({hidden});
    if (options.hasNorm) {
        m_normWeight = at::ones({hidden});
        m_normBias = at::zeros({hidden});
    }
    for (const auto& [name, tensor] : trainable())
        tensor.requires_grad_();
}

at::Tensor Bottleneck::forward(const at::Tensor& x) const
{
    const at::Tensor read = m_normWeight.defined()
        ? at::layer_norm(x, m_normWeight.sizes(), m_normWeight, m_normBias, kEpsilon)
        : x;
    at::Tensor inner = m_activation(at::linear(read, m_down, m_downBias));
    if (m_dropout > 0.0)
        inner = at::dropout(inner, m_dropout, at::GradMode::is_enabled());
    const at::Tensor added = at::linear(inner, m_up, m_upBias);
    return m_scale == 1.0 ? added : added * m_scale;
}

NamedTensors Bottleneck::trainable() const
{
    NamedTensors all {{"adapter_down.weight", m_down},
                      {"adapter_down.bias", m_downBias},
                      {"adapter_up.weight", m_up},
                      {"adapter_up.bias", m_upBias}};
    if (m_normWeight.defined()) {
        all.emplace_back("adapter_norm.weight", m_normWeight);
        all.emplace_back("adapter_norm.bias", m_normBias);
    }
    return all;
}

const std::vector<SiteKind>& partSites()
{
    static const std::vector<SiteKind> kSites {SiteKind::AttnOut, SiteKind::MlpOut};
    return kSites;
}

std::int64_t bottleneckCount(const BottleneckOptions& options, const std::vector<SiteInfo>& chosen)
{
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen) {
        const std::int64_t width = widthAt(info.out, options);
        count += 2 * info.out * width + width + info.out;
        if (options.hasNorm)
            count += 2 * info.out;
    }
    return count;
}

Problems checkBottlenecks(const std::string& method,
                          const BottleneckOptions& options,
                          const std::vector<SiteInfo>& sites,
                          const SiteSelection& selection)
{
    Problems problems = checkSelection(method, partSites(), sites, selection);
    for (const SiteInfo& info : chosenSites(sites, selection))
        if (options.width > info.out) {
            problems.push_back({"settings.bottleneck",
                                "The width of " + std::to_string(options.width)
                                    + " is no bottleneck: the model is " + std::to_string(info.out)
                                    + " wide.",
                                "Choose at most half of the model's width.", false});
            break;
        }
    return problems;
}

std::vector<ParamSpec::Choice> bottleneckStarts()
{
    return {{"bert", QT_TRANSLATE_NOOP("adapter", "Small random numbers, as BERT's weights")},
            {"lora", QT_TRANSLATE_NOOP("adapter", "As LoRA: at first it adds nothing")}};
}

} // namespace tw
