// SPDX-License-Identifier: Apache-2.0
// LoKr (Yeh et al. 2024, LyCORIS): y = W x + s (W1 (x) W2) x with W frozen and a Kronecker product
// of two small matrices; W2, and where asked W1, is itself a product of rank r unless r is at least
// half of its longer side. s = alpha / rank. W1 starts at 0.

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/lokr_delta.h"
#include "core/adaptation/lycoris_settings.h"
#include "core/adaptation/peft_writer.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/start_values.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct LokrOptions : LycorisOptions
{
    std::int64_t factor = -1;
    bool decomposeBoth = false;
    bool rankDropoutScale = false;
    std::string start = "first";

    LokrRule rule() const { return {rank, factor, decomposeBoth}; }
};

ParamTable<LokrOptions> params()
{
    ParamTable<LokrOptions> table;
    addLycorisParams(table);
    table.add(&LokrOptions::factor, "factor", QT_TRANSLATE_NOOP("lokr", "Size of the first matrix"))
        .help(QT_TRANSLATE_NOOP(
            "lokr",
            "Rows and columns of the first matrix, where the layer can be divided so; -1 makes "
            "both matrices about equally large, which takes the fewest numbers."))
        .range(-1, 65536)
        .source("PEFT's decompose_factor")
        .advanced();
    table
        .add(&LokrOptions::decomposeBoth, "decomposeBoth",
             QT_TRANSLATE_NOOP("lokr", "Low rank in both"))
        .help(QT_TRANSLATE_NOOP("lokr", "The first matrix, too, is a product of this rank."))
        .source("PEFT's decompose_both")
        .advanced();
    table
        .add(&LokrOptions::rankDropoutScale, "rankDropoutScale",
             QT_TRANSLATE_NOOP("lokr", "Scale what dropout leaves"))
        .help(QT_TRANSLATE_NOOP(
            "lokr", "What dropout leaves of the update is enlarged, so that its mean stays."))
        .source("PEFT's rank_dropout_scale")
        .advanced();
    table.add(&LokrOptions::start, "start", QT_TRANSLATE_NOOP("lokr", "Start values"))
        .help(QT_TRANSLATE_NOOP(
            "lokr",
            "Which of the matrices starts at 0, so that a fresh adapter changes nothing; the "
            "other is drawn."))
        .choices({{"first", QT_TRANSLATE_NOOP("lokr", "The first, as PEFT")},
                  {"second", QT_TRANSLATE_NOOP("lokr", "The second, as LyCORIS")}})
        .source("PEFT's init_weights")
        .advanced();
    return table;
}

Json peftKeys(const LokrOptions& options)
{
    Json keys = lycorisKeys(options);
    keys["decompose_both"] = options.decomposeBoth;
    keys["decompose_factor"] = options.factor;
    keys["rank_dropout_scale"] = options.rankDropoutScale;
    if (options.start == "second")
        keys["init_weights"] = "lycoris";
    return keys;
}

KroneckerFactor drawnFactor(const LokrSizes& sizes, std::int64_t rank, RandomStream& random)
{
    if (sizes.isWhole)
        return {{kaimingUniform(sizes.rows, sizes.columns, random)}};
    return {
        {kaimingUniform(sizes.rows, rank, random), kaimingUniform(rank, sizes.columns, random)}};
}

std::shared_ptr<const LinearChange>
freshDelta(const SiteInfo& info, const LokrOptions& options, RandomStream& random)
{
    const LokrSplit split = lokrSplit(info.out, info.in, options.rule());
    KroneckerFactor first = drawnFactor(split.first, options.rank, random);
    KroneckerFactor second = drawnFactor(split.second, options.rank, random);
    // Of a product PEFT sets the left factor to 0, and LyCORIS the right one.
    (options.start == "first" ? first.parts.front() : second.parts.back()).zero_();
    return std::make_shared<LokrDelta>(
        std::move(first), std::move(second), options.scale(),
        LycorisDropout {options.rankDropout, options.moduleDropout, options.rankDropoutScale});
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const LokrOptions options = params().read(values);
    const auto chosen = chosenSites(model.sites(), selection);
    AdapterParts parts;
    for (const SiteInfo& info : chosen)
        parts.changes.push_back({info, freshDelta(info, options, context.random)});
    return attachParts(model, std::move(parts),
                       peftConfigWriter("LOKR", peftKeys(options), chosen, model));
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    const LokrRule rule = params().read(values).rule();
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen) {
        const LokrSplit split = lokrSplit(info.out, info.in, rule);
        count += split.first.count(rule.rank) + split.second.count(rule.rank);
    }
    return count;
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    const LokrOptions options = params().read(values);
    Problems problems = checkSelection("LoKr", linearSites(), sites, selection);
    const Problems ofRank = checkRank(options.rank, chosenSites(sites, selection));
    problems.insert(problems.end(), ofRank.begin(), ofRank.end());
    if (options.factor == 0)
        problems.push_back({"settings.factor", "A matrix of size 0 cannot be a factor.",
                            "Choose -1, which lets Tunewright split the layers, or a size from 1.",
                            false});
    return problems;
}

} // namespace

void registerLokr(Registry<Adaptation>& registry)
{
    Adaptation lokr;
    lokr.id = "lokr";
    lokr.title = QT_TRANSLATE_NOOP("lokr", "LoKr");
    lokr.summary = QT_TRANSLATE_NOOP(
        "lokr",
        "Adds a Kronecker product of two small matrices: an update that may have full rank in a "
        "fraction of LoRA's numbers.");
    lokr.traits = {Trait::Merges, Trait::SmallMemory};
    lokr.paper = "Yeh et al. 2024, Navigating Text-To-Image Customization: From LyCORIS "
                 "Fine-Tuning to Model Evaluation";
    lokr.siteKinds = linearSites();
    lokr.defaultSites = queriesAndValues();
    lokr.params = params().specs();
    lokr.parameterCount = parameterCount;
    lokr.check = check;
    lokr.attach = attach;
    registry.add(std::move(lokr));
}

} // namespace tw
