// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lora_config.h"

#include "core/adaptation/peft_writer.h"

#include <numbers>

namespace tw {

Json defaultLoraKeys(const ModelConfig& model)
{
    Json keys = Json::parse(
        R"({"alora_invocation_tokens": null, "alpha_pattern": {}, "arrow_config": null, "bias": "none",
        "corda_config": null, "ensure_weight_tying": false, "eva_config": null, "exclude_modules": null,
        "fan_in_fan_out": false, "init_lora_weights": true, "kasa_config": null, "layer_replication": null,
        "layers_pattern": null, "layers_to_transform": null, "loftq_config": {}, "lora_alpha": 8,
        "lora_bias": false, "lora_dropout": 0.0, "lora_ga_config": null, "megatron_config": null,
        "megatron_core": "megatron.core", "monteclora_config": null, "qalora_group_size": 16, "r": 8,
        "rank_pattern": {}, "target_parameters": null, "trainable_token_indices": null, "use_bdlora": null,
        "use_dora": false, "use_qalora": false, "use_rslora": false, "velora_config": null})");
    keys["fan_in_fan_out"] = model.storesTransposed; // PEFT warns where it does not say so
    return keys;
}

Json loraKeys(const LoraOptions& options,
              const std::vector<LoraSite>& placed,
              bool isDifference,
              const ModelConfig& model)
{
    // With twice the rank, alpha has to grow for the scale to stay.
    const std::int64_t ranks = isDifference ? 2 : 1;
    const double growth = !isDifference ? 1.0 : options.isStabilised() ? std::numbers::sqrt2 : 2.0;
    Json keys = defaultLoraKeys(model);
    keys["r"] = ranks * options.rank;
    keys["lora_alpha"] = peftValue(growth * options.alpha);
    keys["lora_dropout"] = options.dropout;
    keys["use_rslora"] = options.isStabilised();
    keys["use_dora"] = options.isDora;
    keys["bias"] = options.bias;
    keys["lora_bias"] = options.hasOwnBias;
    if (options.start == "gaussian")
        keys["init_lora_weights"] = "gaussian";
    for (const LoraSite& site : placed) {
        const bool isDoubled = isDifference && site.info.isLinear; // tables begin without a change
        const std::int64_t rank = (isDoubled ? ranks : 1) * site.rank;
        const double alpha = (isDoubled ? growth : 1.0) * site.alpha;
        if (rank != ranks * options.rank)
            keys["rank_pattern"][site.info.module] = rank;
        if (alpha != growth * options.alpha)
            keys["alpha_pattern"][site.info.module] = peftValue(alpha);
    }
    return keys;
}

} // namespace tw
