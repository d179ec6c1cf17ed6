// SPDX-License-Identifier: Apache-2.0
// Serial adapters: h' = h + s f(h Wdown + b1) Wup + b2, with h what attention or the MLP adds to
// the stream. Behind both parts: Houlsby et al. 2019. Behind the MLP alone: Pfeiffer et al. 2021,
// whose adapter reads, in models with the norm behind the sum, what that norm gives.

#include "core/adaptation/bottleneck.h"
#include "core/adaptation/own_method.h"
#include "core/adaptation/site_check.h"

#include <ATen/core/Tensor.h>

namespace tw {
namespace {

struct SerialOptions : BottleneckOptions
{
    std::string reads = "output";
};

ParamTable<SerialOptions> params()
{
    ParamTable<SerialOptions> table;
    addBottleneck(table);
    table
        .add(static_cast<std::string SerialOptions::*>(&SerialOptions::start), "start",
             QT_TRANSLATE_NOOP("adapter", "Start values"))
        .help(QT_TRANSLATE_NOOP("adapter", "How the adapter's layers are drawn."))
        .choices(bottleneckStarts())
        .source("AdapterHub and He et al. 2022: small random numbers")
        .advanced();
    table
        .add(static_cast<double SerialOptions::*>(&SerialOptions::scale), "scale",
             QT_TRANSLATE_NOOP("adapter", "Scale"))
        .help(QT_TRANSLATE_NOOP("adapter",
                                "What the adapter adds is multiplied by this. Larger learns faster "
                                "and less calmly."))
        .range(0.01, 100)
        .source("Houlsby et al. 2019")
        .advanced();
    table.add(&SerialOptions::reads, "reads", QT_TRANSLATE_NOOP("serial_adapter", "What it reads"))
        .help(QT_TRANSLATE_NOOP(
            "serial_adapter",
            "In models such as BERT, which norm the sum behind each part, AdapterHub's form of "
            "Pfeiffer's adapter (at mlp.out alone) reads that normed sum. In other models both are "
            "the same."))
        .choices({{"output", QT_TRANSLATE_NOOP("serial_adapter", "What the part adds (Houlsby)")},
                  {"normed", QT_TRANSLATE_NOOP("serial_adapter", "The normed sum (Pfeiffer)")}})
        .source("Houlsby et al. 2019; AdapterHub")
        .advanced();
    return table;
}

class SerialAdapter final : public HiddenChange
{
public:
    SerialAdapter(Bottleneck bottleneck, bool readsNormed)
        : m_bottleneck(std::move(bottleneck))
        , m_readsNormed(readsNormed)
    {
    }
    at::Tensor forward(const at::Tensor& output, const PartStates& part) const override
    {
        const bool isNormed = m_readsNormed && part.normAfter != nullptr;
        const at::Tensor read = isNormed ? part.normAfter(output + part.residual) : output;
        return output + m_bottleneck.forward(read);
    }
    NamedTensors trainable() const override { return m_bottleneck.trainable(); }

private:
    Bottleneck m_bottleneck;
    bool m_readsNormed;
};

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    return bottleneckCount(params().read(values), chosen);
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    return checkBottlenecks("A serial adapter", params().read(values), sites, selection);
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const SerialOptions options = params().read(values);
    AdapterParts parts;
    for (const SiteInfo& info : chosenSites(model.sites(), selection))
        parts.hiddenChanges.push_back(
            {info,
             std::make_shared<SerialAdapter>(Bottleneck(options, info.out, context.random),
                                             options.reads == "normed")});
    return attachParts(model, std::move(parts),
                       ownConfigWriter("serial_adapter", selection, values));
}

} // namespace

void registerSerialAdapter(Registry<Adaptation>& registry)
{
    Adaptation serial;
    serial.id = "serial_adapter";
    serial.title = QT_TRANSLATE_NOOP("serial_adapter", "Serial adapter");
    serial.summary = QT_TRANSLATE_NOOP(
        "serial_adapter",
        "Puts a small network behind attention and behind the MLP, which reworks what they say.");
    serial.traits = {Trait::KeepsKnowledge};
    serial.paper =
        "Houlsby et al. 2019, Parameter-Efficient Transfer Learning for NLP; Pfeiffer et "
        "al. 2021, AdapterFusion";
    serial.siteKinds = partSites();
    serial.defaultSites = partSites();
    serial.params = params().specs();
    serial.parameterCount = parameterCount;
    serial.check = check;
    serial.attach = attach;
    serial.freshDiffers = QT_TRANSLATE_NOOP(
        "serial_adapter",
        "its layers start at small random numbers, so that a fresh one adds a little noise");
    registry.add(std::move(serial));
}

} // namespace tw
