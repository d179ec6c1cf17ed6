// SPDX-License-Identifier: Apache-2.0
// Parallel adapter (He et al. 2022): h' = h + s (f(x Wdown + b1) Wup + b2), with h what attention
// or the MLP adds to the stream and x what enters its first layers. Before a gated MLP and in
// decoders with the norm in front, x is what that norm gives; at attention it is added behind the
// output projection (the official code adds before it).

#include "core/adaptation/bottleneck.h"
#include "core/adaptation/own_method.h"
#include "core/adaptation/site_check.h"

#include <ATen/core/Tensor.h>

namespace tw {
namespace {

struct ParallelOptions : BottleneckOptions
{
    ParallelOptions()
    {
        start = "lora";
        scale = 4.0;
    }
};

ParamTable<ParallelOptions> params()
{
    ParamTable<ParallelOptions> table;
    table
        .add(static_cast<double ParallelOptions::*>(&ParallelOptions::scale), "scale",
             QT_TRANSLATE_NOOP("adapter", "Scale"))
        .help(QT_TRANSLATE_NOOP(
            "adapter",
            "What the adapter adds is multiplied by this. Larger learns faster and less calmly."))
        .range(0.01, 100)
        .source("He et al. 2022: 4 for generation, 2 for classification");
    addBottleneck(table);
    table
        .add(static_cast<std::string ParallelOptions::*>(&ParallelOptions::start), "start",
             QT_TRANSLATE_NOOP("adapter", "Start values"))
        .help(QT_TRANSLATE_NOOP("adapter", "How the adapter's layers are drawn."))
        .choices(bottleneckStarts())
        .source("He et al. 2022: as LoRA")
        .advanced();
    return table;
}

class ParallelAdapter final : public HiddenChange
{
public:
    explicit ParallelAdapter(Bottleneck bottleneck)
        : m_bottleneck(std::move(bottleneck))
    {
    }
    at::Tensor forward(const at::Tensor& output, const PartStates& part) const override
    {
        return output + m_bottleneck.forward(part.input);
    }
    NamedTensors trainable() const override { return m_bottleneck.trainable(); }

private:
    Bottleneck m_bottleneck;
};

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    return bottleneckCount(params().read(values), chosen);
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    return checkBottlenecks("A parallel adapter", params().read(values), sites, selection);
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const ParallelOptions options = params().read(values);
    AdapterParts parts;
    for (const SiteInfo& info : chosenSites(model.sites(), selection))
        parts.hiddenChanges.push_back(
            {info,
             std::make_shared<ParallelAdapter>(Bottleneck(options, info.out, context.random))});
    return attachParts(model, std::move(parts),
                       ownConfigWriter("parallel_adapter", selection, values));
}

} // namespace

void registerParallelAdapter(Registry<Adaptation>& registry)
{
    Adaptation parallel;
    parallel.id = "parallel_adapter";
    parallel.title = QT_TRANSLATE_NOOP("parallel_adapter", "Parallel adapter");
    parallel.summary = QT_TRANSLATE_NOOP(
        "parallel_adapter",
        "Puts a small network beside the MLP, which reads the same and adds its own to the sum.");
    parallel.traits = {Trait::KeepsKnowledge};
    parallel.paper =
        "He et al. 2022, Towards a Unified View of Parameter-Efficient Transfer Learning";
    parallel.siteKinds = partSites();
    parallel.defaultSites = {SiteKind::MlpOut};
    parallel.params = params().specs();
    parallel.parameterCount = parameterCount;
    parallel.check = check;
    parallel.attach = attach;
    registry.add(std::move(parallel));
}

} // namespace tw
