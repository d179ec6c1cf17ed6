// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/adapter_reader.h"

#include "core/adaptation/beyond_sites.h"
#include "core/adaptation/peft_shared.h"
#include "core/adaptation/readers/registry.h"

#include <algorithm>

namespace tw {

const Registry<AdapterReader>& adapterReaders()
{
    static const Registry<AdapterReader> registry = [] {
        Registry<AdapterReader> filled("adapter reader");
        registerAllAdaptationReaders(filled);
        return filled;
    }();
    return registry;
}

namespace {

/// The settings as they were read, so that nothing PEFT knows of an adapter is lost on the way
/// through Tunewright.
std::string configAsRead(Json config, const std::string& baseModelName)
{
    config["base_model_name_or_path"] = baseModelName.empty() ? Json() : Json(baseModelName);
    config["inference_mode"] = true;
    if (const auto targets = config.find("target_modules");
        targets != config.end() && targets->is_array())
        std::sort(targets->begin(), targets->end()); // PEFT writes a set, in any order
    return config.dump(2);
}

} // namespace

std::unique_ptr<Adapter> attachStored(const AdapterReader& method,
                                      Model& model,
                                      const std::string& peftConfig,
                                      const TensorFile& tensors)
{
    PeftReader reader(model, peftConfig, tensors);
    std::vector<std::string> understood = sharedSettings();
    understood.insert(understood.end(), method.settings.begin(), method.settings.end());
    refuseUnknownSettings(reader.config(), understood);
    AdapterParts parts = method.read(reader);
    addSharedParts(reader, parts);
    reader.refuseLeftOvers();
    settleBeyondSites(model, parts);
    return attachParts(model, std::move(parts),
                       [config = reader.config()](const std::string& baseModelName) {
                           return configAsRead(config, baseModelName);
                       });
}

} // namespace tw
