// SPDX-License-Identifier: Apache-2.0
// LoRA (Hu et al. 2021): y = W x + s B A x with W frozen; only A and B are trained. s = alpha /
// rank, or alpha / sqrt(rank) (rank-stabilised LoRA, Kalajdzievski 2023).

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/lora_delta.h"
#include "core/adaptation/peft_config.h"
#include "core/adaptation/site_check.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

struct LoraOptions
{
    std::int64_t rank = 8;
    double alpha = 16.0;
    double dropout = 0.0;
    std::string scale = "classic";
    std::string start = "default";
};

ParamTable<LoraOptions> params()
{
    ParamTable<LoraOptions> table;
    table.add(&LoraOptions::rank, "rank", QT_TRANSLATE_NOOP("lora", "Rank"))
        .help(QT_TRANSLATE_NOOP("lora", "Width of the update; its memory grows in proportion."))
        .range(1, 1024)
        .source("PEFT's default");
    table.add(&LoraOptions::alpha, "alpha", QT_TRANSLATE_NOOP("lora", "Scale (alpha)"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "The update is multiplied by alpha / rank. Larger learns faster and less calmly."))
        .range(0, 4096)
        .source("our choice: twice the rank");
    table.add(&LoraOptions::dropout, "dropout", QT_TRANSLATE_NOOP("lora", "Dropout"))
        .help(QT_TRANSLATE_NOOP(
            "lora",
            "Share of the inputs that the update does not see in a step; helps on small data."))
        .range(0, 0.9)
        .source("PEFT's default");
    table.add(&LoraOptions::scale, "scale", QT_TRANSLATE_NOOP("lora", "Scaling"))
        .help(QT_TRANSLATE_NOOP("lora", "How the update is scaled as the rank grows."))
        .choices({{"classic", QT_TRANSLATE_NOOP("lora", "alpha / rank")},
                  {"rslora", QT_TRANSLATE_NOOP("lora", "alpha / square root of rank (rsLoRA)")}})
        .source("Hu et al. 2021; Kalajdzievski 2023")
        .advanced();
    table.add(&LoraOptions::start, "start", QT_TRANSLATE_NOOP("lora", "Start values"))
        .help(QT_TRANSLATE_NOOP(
            "lora", "How A is drawn. B starts at 0, so a fresh adapter changes nothing."))
        .choices({{"default", QT_TRANSLATE_NOOP("lora", "Uniform, as PEFT")},
                  {"gaussian", QT_TRANSLATE_NOOP("lora", "Normal with deviation 1 / rank")}})
        .source("PEFT's init_lora_weights")
        .advanced();
    return table;
}

double scaleOf(const LoraOptions& options)
{
    const auto rank = static_cast<double>(options.rank);
    return options.scale == "rslora" ? options.alpha / std::sqrt(rank) : options.alpha / rank;
}

/// PEFT writes 16.0 as 16 where alpha was given so.
Json numberOf(double value)
{
    return value == std::trunc(value) && std::abs(value) < 1e15
        ? Json(static_cast<std::int64_t>(value))
        : Json(value);
}

/// Every key that PEFT 0.21 writes, in its order (sorted), so that its reader finds nothing missing
/// and nothing new.
Json defaultPeftConfig()
{
    return Json::parse(
        R"({"alora_invocation_tokens": null, "alpha_pattern": {}, "arrow_config": null, "auto_mapping": null,
        "base_model_name_or_path": null, "bias": "none", "corda_config": null, "ensure_weight_tying": false, "eva_config": null,
        "exclude_modules": null, "fan_in_fan_out": false, "inference_mode": true, "init_lora_weights": true,
        "kasa_config": null, "layer_replication": null, "layers_pattern": null, "layers_to_transform": null,
        "loftq_config": {}, "lora_alpha": 8, "lora_bias": false, "lora_dropout": 0.0, "lora_ga_config": null,
        "megatron_config": null, "megatron_core": "megatron.core", "modules_to_save": null, "monteclora_config": null,
        "peft_type": "LORA", "peft_version": "0.21.0", "qalora_group_size": 16, "r": 8, "rank_pattern": {},
        "revision": null, "target_modules": [], "target_parameters": null, "task_type": "CAUSAL_LM",
        "trainable_token_indices": null, "use_bdlora": null, "use_dora": false, "use_qalora": false,
        "use_rslora": false, "velora_config": null})");
}

std::string peftConfig(const LoraOptions& options,
                       const std::vector<SiteInfo>& chosen,
                       const std::vector<SiteInfo>& sites,
                       const std::string& baseModelName)
{
    Json config = defaultPeftConfig();
    config["base_model_name_or_path"] = baseModelName.empty() ? Json() : Json(baseModelName);
    config["r"] = options.rank;
    config["lora_alpha"] = numberOf(options.alpha);
    config["lora_dropout"] = options.dropout;
    config["use_rslora"] = options.scale == "rslora";
    if (options.start == "gaussian")
        config["init_lora_weights"] = "gaussian";
    config["target_modules"] = targetModules(chosen, sites);
    return config.dump(2);
}

at::Tensor freshA(const SiteInfo& info, const LoraOptions& options, RandomStream& random)
{
    at::Tensor a = at::empty({options.rank, info.in}, at::kFloat);
    const double bound =
        1.0 / std::sqrt(static_cast<double>(info.in)); // Kaiming uniform with a = sqrt(5)
    const double deviation = 1.0 / static_cast<double>(options.rank);
    auto* values = a.mutable_data_ptr<float>();
    std::generate(values, values + a.numel(), [&] {
        return static_cast<float>(options.start == "gaussian"
                                      ? deviation * random.normal()
                                      : bound * (2.0 * random.uniform() - 1.0));
    });
    return a;
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const LoraOptions options = params().read(values);
    const auto chosen = chosenSites(model.sites(), selection);
    AdapterParts parts;
    for (const SiteInfo& info : chosen)
        parts.changes.push_back(
            {info,
             std::make_shared<LoraDelta>(freshA(info, options, context.random),
                                         at::zeros({info.out, options.rank}, at::kFloat),
                                         scaleOf(options), options.dropout)});
    return attachParts(model, std::move(parts),
                       [options, chosen, sites = model.sites()](const std::string& name) {
                           return peftConfig(options, chosen, sites, name);
                       });
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    const std::int64_t rank = params().read(values).rank;
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen)
        count += rank * (info.in + info.out);
    return count;
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    Problems problems = checkSelection("LoRA", linearSites(), sites, selection);
    const std::int64_t rank = params().read(values).rank;
    for (const auto& info : chosenSites(sites, selection))
        if (const auto most = std::min(info.in, info.out); info.isLinear && rank > most) {
            problems.push_back({"settings.rank",
                                "Rank " + std::to_string(rank) + " is larger than the layer "
                                    + info.module + " (" + std::to_string(info.out) + " x "
                                    + std::to_string(info.in) + ").",
                                "Choose at most " + std::to_string(most) + ".", false});
            break;
        }
    return problems;
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
    lora.siteKinds = linearSites();
    lora.defaultSites = {SiteKind::AttnQ, SiteKind::AttnV, SiteKind::AttnQkv};
    lora.params = params().specs();
    lora.parameterCount = parameterCount;
    lora.check = check;
    lora.attach = attach;
    registry.add(std::move(lora));
}

} // namespace tw
