// SPDX-License-Identifier: Apache-2.0
// VeRA (Kopiczko et al. 2024): y = W x + diag(b) B diag(d) A x with W frozen. A and B are random,
// frozen and the same for all layers; only the vectors b and d are trained. b starts at 0.

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/peft_writer.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/vera_delta.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct VeraOptions
{
    std::int64_t rank = 256;
    double initial = 0.1;
    double dropout = 0.0;
    std::int64_t projectionSeed = 0;
};

ParamTable<VeraOptions> params()
{
    ParamTable<VeraOptions> table;
    table.add(&VeraOptions::rank, "rank", QT_TRANSLATE_NOOP("vera", "Rank"))
        .help(QT_TRANSLATE_NOOP(
            "vera",
            "Height of the shared random matrix A. It costs one trained number per layer and "
            "rank, so it is chosen much larger than LoRA's."))
        .range(1, 4096)
        .source("PEFT's default");
    table.add(&VeraOptions::initial, "initial", QT_TRANSLATE_NOOP("vera", "First value of d"))
        .help(QT_TRANSLATE_NOOP("vera", "All numbers of d start here. Small ones learn best."))
        .range(1e-9, 10)
        .source("Kopiczko et al. 2024, table 6; PEFT's default")
        .advanced();
    table.add(&VeraOptions::dropout, "dropout", QT_TRANSLATE_NOOP("vera", "Dropout"))
        .help(QT_TRANSLATE_NOOP(
            "vera",
            "Share of the inputs that the update does not see in a step; helps on small data."))
        .range(0, 0.9)
        .source("PEFT's default");
    table
        .add(&VeraOptions::projectionSeed, "projectionSeed",
             QT_TRANSLATE_NOOP("vera", "Seed of the projections"))
        .help(QT_TRANSLATE_NOOP(
            "vera", "The random matrices follow from it; adapters with the same seed share them."))
        .range(0, 4294967295.0)
        .source("PEFT's projection_prng_key")
        .advanced();
    return table;
}

/// Every key that PEFT 0.21 writes for VeRA alone.
Json peftKeys(const VeraOptions& options, const Model& model)
{
    return {{"bias", "none"},
            {"d_initial", options.initial},
            {"fan_in_fan_out", model.config().storesTransposed},
            {"init_weights", true},
            {"layers_pattern", nullptr},
            {"layers_to_transform", nullptr},
            {"projection_prng_key", options.projectionSeed},
            {"r", options.rank},
            {"save_projection", true}, // another version might draw other numbers
            {"vera_dropout", options.dropout}};
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& /*context*/)
{
    const VeraOptions options = params().read(values);
    const auto chosen = chosenSites(model.sites(), selection);
    const VeraProjections shared =
        drawVeraProjections(veraSizes(chosen, options.rank), options.projectionSeed);
    AdapterParts parts;
    parts.frozen = {{kVeraA, shared.A}, {kVeraB, shared.B}};
    for (const SiteInfo& info : chosen)
        parts.changes.push_back(
            {info,
             std::make_shared<VeraDelta>(shared, info, at::full({options.rank}, options.initial),
                                         at::zeros({info.out}), options.dropout)});
    return attachParts(model, std::move(parts),
                       peftConfigWriter("VERA", peftKeys(options, model), chosen, model));
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    const std::int64_t rank = params().read(values).rank;
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen)
        count += rank + info.out;
    return count;
}

/// Any rank fits: it is not that of a change, whose rank the layer itself bounds.
Problems check(const std::vector<SiteInfo>& sites,
               const SiteSelection& selection,
               const ParamValues& /*values*/)
{
    return checkSelection("VeRA", linearSites(), sites, selection);
}

} // namespace

void registerVera(Registry<Adaptation>& registry)
{
    Adaptation vera;
    vera.id = "vera";
    vera.title = QT_TRANSLATE_NOOP("vera", "VeRA");
    vera.summary = QT_TRANSLATE_NOOP(
        "vera",
        "Gives all layers the same random low-rank update and trains only two vectors per layer "
        "that scale it: a tenth of LoRA's numbers or fewer.");
    vera.traits = {Trait::Merges, Trait::SmallMemory};
    vera.paper = "Kopiczko et al. 2024, VeRA: Vector-based Random Matrix Adaptation";
    vera.siteKinds = linearSites();
    vera.defaultSites = queriesAndValues();
    vera.params = params().specs();
    vera.parameterCount = parameterCount;
    vera.check = check;
    vera.attach = attach;
    registry.add(std::move(vera));
}

} // namespace tw
