// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lora_config.h"

#include "core/adaptation/peft_config.h"

#include <cmath>
#include <numbers>

namespace tw {
namespace {

/// With twice the rank, alpha has to grow for the scale to stay.
double writtenAlpha(const LoraRecord& record, double alpha)
{
    if (!record.isDifference)
        return alpha;
    return alpha * (record.options.isStabilised() ? std::numbers::sqrt2 : 2.0);
}

std::int64_t writtenRank(const LoraRecord& record, std::int64_t rank)
{
    return record.isDifference ? 2 * rank : rank;
}

void addPatterns(const LoraRecord& record, Json& config)
{
    for (const LoraSite& site : record.placed) {
        if (site.rank != record.options.rank)
            config["rank_pattern"][site.info.module] = writtenRank(record, site.rank);
        if (site.alpha != record.options.alpha)
            config["alpha_pattern"][site.info.module] =
                peftNumberOf(writtenAlpha(record, site.alpha));
    }
}

} // namespace

Json peftNumberOf(double value)
{
    return value == std::trunc(value) && std::abs(value) < 1e15
        ? Json(static_cast<std::int64_t>(value))
        : Json(value);
}

Json defaultLoraConfig()
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

std::string loraConfig(const LoraRecord& record, const std::string& baseModelName)
{
    const LoraOptions& options = record.options;
    Json config = defaultLoraConfig();
    config["base_model_name_or_path"] = baseModelName.empty() ? Json() : Json(baseModelName);
    config["r"] = writtenRank(record, options.rank);
    config["lora_alpha"] = peftNumberOf(writtenAlpha(record, options.alpha));
    config["lora_dropout"] = options.dropout;
    config["use_rslora"] = options.isStabilised();
    config["use_dora"] = options.isDora;
    config["bias"] = options.bias;
    config["lora_bias"] = options.hasOwnBias;
    if (options.start == "gaussian")
        config["init_lora_weights"] = "gaussian";
    addPatterns(record, config);
    std::vector<SiteInfo> chosen;
    for (const LoraSite& site : record.placed)
        chosen.push_back(site.info);
    config["target_modules"] = targetModules(chosen, record.sites);
    return config.dump(2);
}

} // namespace tw
