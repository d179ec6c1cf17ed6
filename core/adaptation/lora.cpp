// SPDX-License-Identifier: Apache-2.0
// LoRA (Hu et al. 2021): y = W x + s B A x with W frozen; only A and B are trained. s = alpha /
// rank, or alpha / sqrt(rank) (rank-stabilised LoRA, Kalajdzievski 2023). DoRA (Liu et al. 2024)
// also trains a length for each row; LoRA+ (Hayou et al. 2024) trains B faster than A. On the
// embedding row i gets s A[:, i]^T B^T added.

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/dora.h"
#include "core/adaptation/eva.h"
#include "core/adaptation/lora_config.h"
#include "core/adaptation/lora_start.h"
#include "core/adaptation/peft_writer.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/start_values.h"
#include "core/adaptation/trained_biases.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

#include <map>

namespace tw {
namespace {

using Starts = std::map<std::string, LoraFactors>; ///< by module

/// Puts a LoRA at each layer.
class Placement
{
public:
    Placement(Model& model, const LoraOptions& options, const AttachContext& context)
        : m_model(model)
        , m_options(options)
        , m_start(loraStart(options.start))
        , m_context(context)
    {
    }

    void place(const std::vector<SiteInfo>& chosen)
    {
        std::vector<LoraSite> sites = loraSites(m_options, chosen);
        for (const LoraSite& site : sites)
            if (site.info.site.kind == SiteKind::Embed)
                placeTable(site);
        std::erase_if(sites, [](const LoraSite& site) { return !site.info.isLinear; });
        if (m_options.start == "eva" && !m_context.calibration.empty()) {
            for (const EvaSite& eva :
                 evaSites(m_model, sites, m_options.evaRho, m_context.calibration))
                place(eva.site, {eva.A, at::zeros({eva.site.info.out, eva.site.rank}, at::kFloat)});
            return;
        }
        for (const LoraSite& site : sites)
            place(site,
                  m_start.make({m_model.linear(site.info.site).weight.detach(), site.rank,
                                scaleOf(site), m_options, m_context.random}));
    }

    std::vector<PlacedChange> changes;
    std::vector<PlacedTableChange> tables;
    std::vector<LoraSite> placed;
    Starts starts; ///< empty where nothing begins with a change

private:
    double scaleOf(const LoraSite& site) const
    {
        return loraScale(site.alpha, site.rank, m_options.isStabilised());
    }

    /// As in PEFT, whatever the start of matrices: A = 0, B ~ N(0, 1).
    void placeTable(const LoraSite& site)
    {
        const LowRank factors {at::zeros({site.rank, site.info.in}),
                               normalValues({site.info.out, site.rank}, 1.0, m_context.random),
                               scaleOf(site), 0.0};
        std::shared_ptr<const TableChange> change =
            std::make_shared<LoraTable>(factors.A, factors.B, factors.scale);
        if (m_options.isDora)
            change = std::make_shared<DoraTable>(factors,
                                                 m_model.embedding().weight.detach().norm(2, {0}));
        tables.push_back({site.info.module, std::move(change)});
        placed.push_back(site);
    }

    void place(const LoraSite& site, const LoraFactors& factors)
    {
        LoraTensors tensors {{factors.A, factors.B, scaleOf(site), m_options.dropout}};
        if (m_start.beginsWithChange) {
            tensors.start = {factors.A.clone(), factors.B.clone()};
            starts[site.info.module] = tensors.start;
        }
        if (m_options.isDora)
            tensors.magnitude = m_model.linear(site.info.site).weight.detach().norm(2, {1});
        if (m_options.hasOwnBias)
            tensors.bias = at::zeros({site.info.out}, at::kFloat);
        changes.push_back({site.info, loraChange(std::move(tensors))});
        placed.push_back(site);
    }

    Model& m_model;
    const LoraOptions& m_options;
    const LoraStart& m_start;
    const AttachContext& m_context;
};

/// The tensors of a plain LoRA of twice the rank, [A; A0] and [B, -B0], beside the other ones.
NamedTensors asDifference(const std::vector<PlacedChange>& changes,
                          const std::vector<PlacedTableChange>& tables,
                          const std::vector<BroughtWeight>& biases,
                          const Starts& starts)
{
    NamedTensors all;
    for (const PlacedTableChange& placed : tables) // began without a change
        for (const auto& [name, tensor] : placed.change->trainable())
            all.emplace_back(placed.module + "." + name, tensor);
    for (const PlacedChange& placed : changes) {
        const LoraFactors& start = starts.at(placed.info.module);
        for (const auto& [name, tensor] : placed.change->trainable()) {
            at::Tensor written = tensor;
            if (name == "lora_A.weight")
                written = at::cat({tensor, start.A});
            else if (name == "lora_B.weight")
                written = at::cat({tensor, -start.B}, 1);
            all.emplace_back(placed.info.module + "." + name, written);
        }
    }
    for (const BroughtWeight& bias : biases) // its values are those that are trained
        all.emplace_back(bias.storedAs, bias.value);
    return all;
}

/// What a resumed run finds again: decompositions differ in their last digits between machines.
NamedTensors rememberedStarts(const Starts& starts)
{
    NamedTensors all;
    for (const auto& [module, factors] : starts) {
        all.emplace_back(module + ".start_A", factors.A);
        all.emplace_back(module + ".start_B", factors.B);
    }
    return all;
}

/// LoRA+ as PEFT groups it: with B go magnitudes and biases, and biases do not decay; both factors
/// of the embedding have a rate of their own.
std::function<Treatment(const std::string&)> treatmentOf(const LoraOptions& options)
{
    if (options.plusRatio == 1.0 && options.plusEmbedding == 1.0)
        return {};
    return [ratio = options.plusRatio, table = options.plusEmbedding](const std::string& name) {
        if (name.find("lora_embedding_") != std::string::npos)
            return Treatment {table, true};
        const bool isBias = name.ends_with(".bias");
        const bool isFast = isBias || name.find("lora_B") != std::string::npos
            || name.ends_with("lora_magnitude_vector");
        return Treatment {isFast ? ratio : 1.0, !isBias};
    };
}

std::vector<SiteInfo> infosOf(const std::vector<LoraSite>& sites)
{
    std::vector<SiteInfo> infos;
    for (const LoraSite& site : sites)
        infos.push_back(site.info);
    return infos;
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const LoraOptions options = loraParams().read(values);
    Placement placement(model, options, context);
    placement.place(chosenSites(model.sites(), selection));
    AdapterParts parts;
    parts.changes = placement.changes;
    parts.tableChanges = placement.tables;
    if (options.bias == "all")
        parts.weights = allBiases(model, infosOf(placement.placed));
    else if (options.bias != "none")
        parts.weights = ownBiases(model, infosOf(placement.placed));
    parts.treatment = treatmentOf(options);
    const bool isDifference = !placement.starts.empty();
    if (isDifference) {
        parts.state = rememberedStarts(placement.starts);
        parts.written = [changes = parts.changes, tables = parts.tableChanges,
                         biases = parts.weights, starts = placement.starts] {
            return asDifference(changes, tables, biases, starts);
        };
    }
    return attachParts(
        model, std::move(parts),
        peftConfigWriter("LORA", loraKeys(options, placement.placed, isDifference, model.config()),
                         infosOf(placement.placed), model));
}

/// With bias "all", biases of other layers than the chosen ones are not known here and left out.
std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    LoraOptions options = loraParams().read(values);
    std::vector<LoraSite> sites;
    try {
        sites = loraSites(options, chosen);
    } catch (const Error&) { // checkLora() says what cannot be read
        options.rankPattern.clear();
        options.alphaPattern.clear();
        sites = loraSites(options, chosen);
    }
    std::int64_t count = 0;
    for (const LoraSite& site : sites) {
        const std::int64_t vectors = (options.isDora ? 1 : 0) + (options.hasOwnBias ? 1 : 0)
            + (options.bias != "none" && site.info.hasBias ? 1 : 0);
        count += site.rank * (site.info.in + site.info.out) + vectors * site.info.out;
    }
    return count;
}

} // namespace

void registerLora(Registry<Adaptation>& registry)
{
    Adaptation lora;
    lora.id = "lora";
    lora.title = QT_TRANSLATE_NOOP("lora", "LoRA");
    lora.summary = QT_TRANSLATE_NOOP(
        "lora", "Adds a small low-rank update to chosen layers and leaves the model itself alone.");
    lora.traits = {Trait::Merges, Trait::KeepsKnowledge};
    lora.paper = "Hu et al. 2021, LoRA: Low-Rank Adaptation of Large Language Models";
    lora.siteKinds = loraSiteKinds();
    lora.defaultSites = queriesAndValues();
    lora.params = loraParams().specs();
    lora.parameterCount = parameterCount;
    lora.check = checkLora;
    lora.attach = attach;
    registry.add(std::move(lora));
}

} // namespace tw
