// SPDX-License-Identifier: Apache-2.0
// AdaLoRA (Zhang et al. 2023): y = W x + s P diag(E) Q x with W frozen. All layers start with the
// same rank; while training, ranks whose parameters matter least lose their E, until the layers
// have `target` ranks on average. A penalty keeps P and Q near orthogonal.

#include "core/adaptation/adalora_budget.h"
#include "core/adaptation/lora_config.h"
#include "core/adaptation/peft_writer.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/start_values.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct AdaloraOptions
{
    std::int64_t rank = 12;
    double alpha = 8.0;
    double dropout = 0.0;
    AdaloraSchedule schedule;
    std::int64_t targetRank = schedule.targetRank;
    std::int64_t firstSteps = schedule.firstSteps;
    std::int64_t lastSteps = schedule.lastSteps;
    std::int64_t every = schedule.every;
    double sensitivityMemory = schedule.sensitivityMemory;
    double uncertaintyMemory = schedule.uncertaintyMemory;
    double orthogonality = schedule.orthogonality;
};

void addRanks(ParamTable<AdaloraOptions>& table)
{
    table.add(&AdaloraOptions::rank, "rank", QT_TRANSLATE_NOOP("adalora", "First rank"))
        .help(QT_TRANSLATE_NOOP("adalora", "Rank that every layer starts with."))
        .range(1, 1024)
        .source("PEFT's default of init_r");
    table
        .add(&AdaloraOptions::targetRank, "targetRank",
             QT_TRANSLATE_NOOP("adalora", "Rank on average at the end"))
        .help(QT_TRANSLATE_NOOP(
            "adalora",
            "How many ranks are left for each layer on average; layers that matter keep more."))
        .range(1, 1024)
        .source("PEFT's default of target_r");
    table.add(&AdaloraOptions::alpha, "alpha", QT_TRANSLATE_NOOP("adalora", "Scale (alpha)"))
        .help(QT_TRANSLATE_NOOP("adalora", "The update is multiplied by alpha / first rank."))
        .range(0, 4096)
        .source("PEFT's default");
    table.add(&AdaloraOptions::dropout, "dropout", QT_TRANSLATE_NOOP("adalora", "Dropout"))
        .help(QT_TRANSLATE_NOOP(
            "adalora",
            "Share of the inputs that the update does not see in a step; helps on small data."))
        .range(0, 0.9)
        .source("PEFT's default");
}

void addTimes(ParamTable<AdaloraOptions>& table)
{
    constexpr double kMostSteps = 1e9;
    table
        .add(&AdaloraOptions::firstSteps, "tinit",
             QT_TRANSLATE_NOOP("adalora", "Steps before ranks are taken"))
        .help(QT_TRANSLATE_NOOP("adalora", "So long all layers train with their first rank."))
        .range(0, kMostSteps)
        .unit(QT_TRANSLATE_NOOP("adalora", "steps"))
        .source("PEFT's default of tinit");
    table
        .add(&AdaloraOptions::lastSteps, "tfinal",
             QT_TRANSLATE_NOOP("adalora", "Steps with the final ranks"))
        .help(QT_TRANSLATE_NOOP(
            "adalora",
            "At the end of the run no ranks change in so many steps. A tenth to a third of the run "
            "lets the layers settle."))
        .range(0, kMostSteps)
        .unit(QT_TRANSLATE_NOOP("adalora", "steps"))
        .source("PEFT's default of tfinal");
    table
        .add(&AdaloraOptions::every, "deltaT",
             QT_TRANSLATE_NOOP("adalora", "Steps between two choices"))
        .help(QT_TRANSLATE_NOOP("adalora", "How often it is chosen which ranks stay."))
        .range(1, 1e6)
        .unit(QT_TRANSLATE_NOOP("adalora", "steps"))
        .source("PEFT's default of deltaT")
        .advanced();
}

void addWeights(ParamTable<AdaloraOptions>& table)
{
    table
        .add(&AdaloraOptions::sensitivityMemory, "beta1",
             QT_TRANSLATE_NOOP("adalora", "Memory of importance"))
        .help(QT_TRANSLATE_NOOP(
            "adalora", "How slowly the average of parameter times gradient follows the steps."))
        .range(0, 0.9999)
        .source("Zhang et al. 2023; PEFT's default of beta1")
        .advanced();
    table
        .add(&AdaloraOptions::uncertaintyMemory, "beta2",
             QT_TRANSLATE_NOOP("adalora", "Memory of uncertainty"))
        .help(QT_TRANSLATE_NOOP("adalora",
                                "The same for how much the importance varies from step to step."))
        .range(0, 0.9999)
        .source("Zhang et al. 2023; PEFT's default of beta2")
        .advanced();
    table
        .add(&AdaloraOptions::orthogonality, "orthogonality",
             QT_TRANSLATE_NOOP("adalora", "Weight of the penalty"))
        .help(QT_TRANSLATE_NOOP(
            "adalora", "How strongly P and Q are kept orthogonal; it is added to the loss."))
        .range(0, 1000)
        .source("PEFT's default of orth_reg_weight")
        .advanced();
}

const ParamTable<AdaloraOptions>& params()
{
    static const ParamTable<AdaloraOptions> kTable = [] {
        ParamTable<AdaloraOptions> table;
        addRanks(table);
        addTimes(table);
        addWeights(table);
        return table;
    }();
    return kTable;
}

AdaloraSchedule scheduleOf(const AdaloraOptions& options)
{
    return {options.targetRank,   options.firstSteps,        options.lastSteps,
            options.every,        options.sensitivityMemory, options.uncertaintyMemory,
            options.orthogonality};
}

/// PEFT refuses a file whose steps leave none to choose in; the run's own number comes once it is
/// known.
std::int64_t fewestSteps(const AdaloraOptions& options)
{
    return options.firstSteps + options.lastSteps + 1;
}

Json keysOf(const AdaloraOptions& options, const ModelConfig& model)
{
    Json keys = defaultLoraKeys(model);
    keys.update(Json {{"init_r", options.rank},
                      {"target_r", options.targetRank},
                      {"lora_alpha", peftValue(options.alpha)},
                      {"lora_dropout", options.dropout},
                      {"tinit", options.firstSteps},
                      {"tfinal", options.lastSteps},
                      {"deltaT", options.every},
                      {"beta1", options.sensitivityMemory},
                      {"beta2", options.uncertaintyMemory},
                      {"orth_reg_weight", options.orthogonality},
                      {"rank_pattern", nullptr},
                      {"total_step", fewestSteps(options)}});
    return keys;
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const AdaloraOptions options = params().read(values);
    const auto chosen = chosenSites(model.sites(), selection);
    AdapterParts parts;
    std::vector<AdaloraLayer> layers;
    constexpr double kDeviation = 0.02; // PEFT's
    for (const SiteInfo& info : chosen) {
        const auto delta = std::make_shared<AdaloraDelta>(
            normalValues({options.rank, info.in}, kDeviation, context.random),
            at::zeros({options.rank, 1}, at::kFloat),
            normalValues({info.out, options.rank}, kDeviation, context.random),
            adaloraScale(options.alpha, options.rank, options.rank), options.dropout);
        parts.changes.push_back({info, delta});
        layers.push_back({info.module, delta});
    }
    const auto budget = std::make_shared<AdaloraBudget>(scheduleOf(options), std::move(layers));
    addBudget(parts, budget);
    return attachParts(
        model, std::move(parts),
        [budget,
         write = peftConfigWriter("ADALORA", keysOf(options, model.config()), chosen, model)](
            const std::string& name) { return budget->withRanks(write(name)); });
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    const std::int64_t rank = params().read(values).rank;
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen)
        count += rank * (info.in + info.out + 1);
    return count;
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    Problems problems = checkSelection("AdaLoRA", linearSites(), sites, selection);
    const AdaloraOptions options = params().read(values);
    const Problems ofRank = checkRank(options.rank, chosenSites(sites, selection));
    problems.insert(problems.end(), ofRank.begin(), ofRank.end());
    if (options.targetRank > options.rank)
        problems.push_back({"settings.targetRank",
                            "AdaLoRA only takes ranks away: it cannot end with more than the "
                                + std::to_string(options.rank) + " that it starts with.",
                            "Choose a smaller rank for the end, or a larger first rank.", false});
    return problems;
}

} // namespace

void registerAdalora(Registry<Adaptation>& registry)
{
    Adaptation adalora;
    adalora.id = "adalora";
    adalora.title = QT_TRANSLATE_NOOP("adalora", "AdaLoRA");
    adalora.summary = QT_TRANSLATE_NOOP(
        "adalora",
        "LoRA that starts wide everywhere and keeps its ranks in the layers where they matter.");
    adalora.traits = {Trait::Merges, Trait::KeepsKnowledge};
    adalora.paper = "Zhang et al. 2023, AdaLoRA: Adaptive Budget Allocation for "
                    "Parameter-Efficient Fine-Tuning";
    adalora.siteKinds = linearSites();
    adalora.defaultSites = queriesAndValues();
    adalora.params = params().specs();
    adalora.parameterCount = parameterCount;
    adalora.check = check;
    adalora.attach = attach;
    registry.add(std::move(adalora));
}

} // namespace tw
