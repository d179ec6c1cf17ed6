// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/own_method.h"

#include "core/adaptation/peft_config.h"
#include "core/adaptation/registry.h"
#include "core/adaptation/task_head.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {
namespace {

constexpr std::int64_t kMostParts = 64; // more than anybody lays over each other

Json jsonOf(const ParamValue& value)
{
    return std::visit([](const auto& held) { return Json(held); }, value);
}

ParamValue valueFrom(const Json& json, const std::string& key, const std::string& file)
{
    if (json.is_boolean())
        return json.get<bool>();
    if (json.is_number_integer())
        return json.get<std::int64_t>();
    if (json.is_number())
        return json.get<double>();
    if (json.is_string())
        return json.get<std::string>();
    throw Error(file + ": the setting \"" + key + "\" is neither a number, a text nor a flag.",
                "Use the file as it was written.");
}

void readMethod(const Json& config, const std::string& file, OwnConfig& own)
{
    own.method = config.at("method").get<std::string>();
    for (const auto& [site, layers] : config.at("sites").items())
        own.selection[siteFrom(site)] = layersFrom(layers.get<std::string>());
    for (const auto& [key, value] : config.at("settings").items())
        own.values[key] = valueFrom(value, key, file);
    const Adaptation& method = adaptations().at(own.method);
    for (const Problem& problem : checkValues(method.params, own.values, ""))
        if (!problem.isWarning)
            throw Error(file + ": " + problem.field + ": " + problem.what, problem.hint);
}

} // namespace

std::string ownConfig(const std::string& method,
                      const SiteSelection& selection,
                      const ParamValues& values,
                      const std::string& baseModelName)
{
    Json config {{"peft_type", kOwnPeftType},
                 {"method", method},
                 {"base_model_name_or_path", baseModelName.empty() ? Json() : Json(baseModelName)},
                 {"sites", Json::object()},
                 {"settings", Json::object()}};
    for (const auto& [kind, layers] : selection)
        config["sites"][siteId(kind)] = layersText(layers);
    // Defaults too: another version may have others.
    for (const ParamSpec& spec : adaptations().at(method).params)
        config["settings"][spec.id] = jsonOf(valueOf(spec, values));
    return config.dump(2);
}

std::function<std::string(const std::string&)> ownConfigWriter(const std::string& method,
                                                               const SiteSelection& selection,
                                                               const ParamValues& values)
{
    return [method, selection, values](const std::string& baseModelName) {
        return ownConfig(method, selection, values, baseModelName);
    };
}

std::string partsConfig(std::size_t count, const std::string& baseModelName)
{
    return Json {{"peft_type", kOwnPeftType},
                 {"base_model_name_or_path", baseModelName.empty() ? Json() : Json(baseModelName)},
                 {"parts", count}}
        .dump(2);
}

std::filesystem::path partFolder(const std::filesystem::path& folder, std::size_t part)
{
    return folder / ("part-" + std::to_string(part));
}

OwnConfig ownConfigFrom(const std::string& configText, const std::string& file)
{
    const Json config = parsePeftConfig(configText);
    OwnConfig own;
    try {
        if (config.contains("parts")) {
            const auto parts = config.at("parts").get<std::int64_t>();
            if (parts < 1 || parts > kMostParts)
                throw Error(file + " speaks of " + std::to_string(parts) + " parts.",
                            "Use the file as it was written.");
            own.parts = static_cast<std::size_t>(parts);
        } else if (config.contains("task_head")) {
            own.isTaskHead = true;
        } else {
            readMethod(config, file, own);
        }
    } catch (const nlohmann::json::exception& error) {
        throw Error(file + " is not as Tunewright writes it (" + error.what() + ").",
                    "Use the file as it was written.");
    }
    return own;
}

namespace {

std::unique_ptr<Adapter> attachHead(Model& model)
{
    if (auto head = attachTaskHead(model))
        return head;
    throw Error("The adapter is the head of a task, and this model has none to put it in.",
                "Open the model that it was trained on; its task_head.json says for which "
                "labels.");
}

/// Throws Error where the method does not fit the model.
const Adaptation& methodOf(const Model& model, const OwnConfig& config)
{
    const Adaptation& method = adaptations().at(config.method);
    for (const Problem& problem : method.check(model.sites(), config.selection, config.values))
        if (!problem.isWarning)
            throw Error("The adapter does not fit this model: " + problem.what,
                        "Open the model that it was trained on.");
    return method;
}

} // namespace

void putStored(const Adapter& adapter, const TensorFile& tensors)
{
    const NamedTensors parameters = adapter.parameters();
    const std::size_t count = parameters.size() + adapter.frozen().size();
    std::vector<at::Tensor> values;
    for (const auto& [name, parameter] : parameters) {
        const TensorInfo* info = tensors.find(storedName(name));
        if (info == nullptr || info->shape != parameter.sizes().vec())
            throw Error("The adapter has no tensor " + name
                            + " of the shape that its settings and "
                              "this model ask for.",
                        "Open the model that the adapter was trained on.");
        values.push_back(tensors.readFloat(info->name));
    }
    if (tensors.tensors().size() != count)
        throw Error("The adapter holds " + std::to_string(tensors.tensors().size())
                        + " tensors where its settings ask for " + std::to_string(count) + ".",
                    "Use the file as it was written.");
    const at::NoGradGuard noGrad;
    for (std::size_t i = 0; i < parameters.size(); ++i)
        parameters[i].second.copy_(values[i]);
}

std::unique_ptr<Adapter> attachOwn(Model& model, const OwnConfig& config, const TensorFile& tensors)
{
    const auto withStored = [&](std::unique_ptr<Adapter> adapter) {
        putStored(*adapter, tensors);
        return adapter;
    };
    if (config.isTaskHead)
        return withStored(attachHead(model));
    const Adaptation& method = methodOf(model, config);
    if (method.read)
        return method.read(model, config.selection, config.values, tensors);
    RandomStream random(0, "adapter"); // whatever is drawn is overwritten
    return withStored(method.attach(model, config.selection, config.values, {random}));
}

} // namespace tw
