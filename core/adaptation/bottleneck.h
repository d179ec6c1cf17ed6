// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adapter_parts.h"
#include "core/base/random.h"
#include "core/base/translate.h"

namespace tw {

// What serial and parallel adapters share: dh(x) = s * f(norm(x) Wdown + b1) Wup + b2.

/// Settings of a bottleneck, whatever it is put beside or behind.
struct BottleneckOptions
{
    std::int64_t width = 0;
    std::string activation = "relu";
    double dropout = 0.0;
    bool hasNorm = false;
    std::string start = "bert";
    double scale = 1.0;
};

/// Two small layers with an activation between them. The scale holds for Wup's bias as well.
class Bottleneck
{
public:
    /// hidden: width of what it reads and gives. Initial values by options.start: "bert" draws both
    /// matrices from N(0, 0.02^2); "lora" draws Wdown as LoRA's A, and Wup is 0.
    Bottleneck(const BottleneckOptions& options, std::int64_t hidden, RandomStream& random);

    at::Tensor forward(const at::Tensor& x) const; ///< [T, hidden] -> [T, hidden]
    NamedTensors trainable() const;

private:
    at::Tensor m_down; ///< [width, hidden]
    at::Tensor m_downBias;
    at::Tensor m_up; ///< [hidden, width]
    at::Tensor m_upBias;
    at::Tensor m_normWeight; ///< [hidden], or undefined
    at::Tensor m_normBias;
    TensorFunction m_activation;
    double m_dropout;
    double m_scale;
};

/// Where such adapters sit: what attention and the MLP add to the stream.
const std::vector<SiteKind>& partSites();
/// Trained scalars of one at each of these places.
std::int64_t bottleneckCount(const BottleneckOptions& options, const std::vector<SiteInfo>& chosen);
/// What is wrong with the selection, and a bottleneck that is wider than the model.
Problems checkBottlenecks(const std::string& method,
                          const BottleneckOptions& options,
                          const std::vector<SiteInfo>& sites,
                          const SiteSelection& selection);

/// Describes all settings of BottleneckOptions but start and scale, for Options derived from it.
template <typename Options>
void addBottleneck(ParamTable<Options>& table)
{
    const auto own = []<typename T>(T BottleneckOptions::* field) {
        return static_cast<T Options::*>(field);
    };
    table.add(own(&BottleneckOptions::width), "bottleneck", QT_TRANSLATE_NOOP("adapter", "Width"))
        .help(QT_TRANSLATE_NOOP(
            "adapter",
            "Width of the adapter's inner layer; its memory grows in proportion. 0 takes a "
            "sixteenth of the model's width."))
        .range(0, 8192)
        .source("AdapterHub's reduction factor 16; He et al. 2022 use up to half of the model's");
    table
        .add(own(&BottleneckOptions::activation), "activation",
             QT_TRANSLATE_NOOP("adapter", "Activation"))
        .help(QT_TRANSLATE_NOOP("adapter",
                                "What stands between the two layers. Without one, the adapter can "
                                "only learn what a low-rank update can."))
        .choices({{"relu", QT_TRANSLATE_NOOP("adapter", "ReLU")},
                  {"gelu", QT_TRANSLATE_NOOP("adapter", "GELU")},
                  {"silu", QT_TRANSLATE_NOOP("adapter", "SiLU (swish)")},
                  {"identity", QT_TRANSLATE_NOOP("adapter", "None")}})
        .source("He et al. 2022")
        .advanced();
    table.add(own(&BottleneckOptions::dropout), "dropout", QT_TRANSLATE_NOOP("adapter", "Dropout"))
        .help(QT_TRANSLATE_NOOP(
            "adapter", "Share of the inner numbers that a step leaves out; helps on small data."))
        .range(0, 0.9)
        .source("AdapterHub; He et al. 2022 use the model's own, 0.1")
        .advanced();
    table.add(own(&BottleneckOptions::hasNorm), "norm", QT_TRANSLATE_NOOP("adapter", "Own norm"))
        .help(QT_TRANSLATE_NOOP(
            "adapter", "A layer norm of its own before the adapter; calms training in attention."))
        .source("He et al. 2022: in attention yes, in the MLP no")
        .advanced();
}
/// The choices of the setting "start".
std::vector<ParamSpec::Choice> bottleneckStarts();

} // namespace tw
