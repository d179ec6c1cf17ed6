// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/peft_writer.h"

#include <cmath>
#include <set>

namespace tw {
namespace {

/// All modules with a weight: the sites, and those beyond them (a pooler, the layers of a head),
/// which PEFT would find under the same name.
std::vector<SiteInfo> modulesOf(const Model& model)
{
    static const std::string ending = ".weight";
    std::vector<SiteInfo> all = model.sites();
    std::set<std::string> known;
    for (const SiteInfo& info : all)
        known.insert(info.module);
    for (const auto& [name, tensor] : model.weights()) {
        if (!name.ends_with(ending))
            continue;
        SiteInfo info;
        info.module = name.substr(0, name.size() - ending.size());
        if (known.insert(info.module).second)
            all.push_back(info);
    }
    return all;
}

/// Which of PEFT's classes opens the adapter. Null: the one for any model; the classes of
/// classifiers would look for a trained head in the file.
Json taskType(const ModelConfig& config)
{
    if (config.task == ModelTask::CausalLm)
        return "CAUSAL_LM";
    return config.task == ModelTask::ConditionalGeneration ? Json("SEQ_2_SEQ_LM") : Json();
}

} // namespace

Json peftTargets(const std::vector<SiteInfo>& chosen, const Model& model)
{
    return targetModules(chosen, modulesOf(model));
}

Json peftValue(double value)
{
    const bool isWhole = value == std::trunc(value) && std::abs(value) < 1e15;
    return isWhole ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

std::function<std::string(const std::string& baseModelName)>
peftConfigWriter(const std::string& peftType, const Json& own)
{
    nlohmann::json config {{"auto_mapping", nullptr}, // sorts its keys, as PEFT does
                           {"inference_mode", true},  {"modules_to_save", nullptr},
                           {"peft_type", peftType},   {"peft_version", "0.21.0"},
                           {"revision", nullptr}};
    for (const auto& [key, value] : own.items())
        config[key] = value;
    return [config](const std::string& baseModelName) {
        nlohmann::json named = config;
        named["base_model_name_or_path"] =
            baseModelName.empty() ? nlohmann::json() : nlohmann::json(baseModelName);
        return named.dump(2);
    };
}

std::function<std::string(const std::string& baseModelName)>
peftConfigWriter(const std::string& peftType,
                 const Json& own,
                 const std::vector<SiteInfo>& chosen,
                 const Model& model)
{
    Json keys {{"target_modules", peftTargets(chosen, model)},
               {"task_type", taskType(model.config())}};
    keys.update(own);
    return peftConfigWriter(peftType, keys);
}

} // namespace tw
