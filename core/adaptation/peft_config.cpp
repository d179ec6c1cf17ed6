// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/peft_config.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

namespace tw {
namespace {

/// Settings that name things or say how the adapter was trained, without a part in what it
/// computes.
constexpr std::array kHarmless {"auto_mapping",   "base_model_name_or_path",
                                "fan_in_fan_out", "inference_mode",
                                "megatron_core",  "peft_type",
                                "peft_version",   "qalora_group_size",
                                "revision",       "runtime_config",
                                "task_type"};
constexpr std::array kTargeting {"exclude_modules", "layers_pattern", "layers_to_transform",
                                 "target_modules"};

/// Each is compared with each module: more than all modules of a huge model is no honest list.
constexpr std::size_t kMostTexts = 100'000;

bool isOff(const Json& value)
{
    return value.is_null() || value == false || value == "none"
        || (value.is_structured() && value.empty());
}

[[noreturn]] void failAt(const std::string& key, const std::string& expected)
{
    throw Error(std::string(kPeftConfigFile) + ": " + key + " has to be " + expected + ".",
                "Mend that line, or write the adapter again.");
}

const Json* present(const Json& config, const std::string& key)
{
    const auto it = config.find(key);
    return it == config.end() || it->is_null() ? nullptr : &*it;
}

/// A text or a list of texts.
std::vector<std::string> textsOf(const Json& value, const std::string& key)
{
    if (value.is_string())
        return {value.get<std::string>()};
    std::vector<std::string> texts;
    if (!value.is_array() || value.size() > kMostTexts)
        failAt(key, "a text or a list of texts");
    for (const Json& item : value) {
        if (!item.is_string())
            failAt(key, "a text or a list of texts");
        texts.push_back(item.get<std::string>());
    }
    return texts;
}

/// PEFT: a list names modules, whole or by their last parts; a text is a regular expression over
/// the whole name.
bool names(const Json& value, const std::string& key, const std::string& module)
{
    if (value.is_string())
        return ModulePattern(value.get<std::string>()).matchesWhole(module);
    const auto texts = textsOf(value, key);
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
        return module == text || module.ends_with("." + text);
    });
}

std::set<std::int64_t> layersToTransform(const Json& value)
{
    std::set<std::int64_t> layers;
    for (const Json& item : value.is_array() ? value : Json::array({value})) {
        if (!item.is_number_integer())
            failAt("layers_to_transform", "a layer number or a list of them");
        layers.insert(item.get<std::int64_t>());
    }
    return layers;
}

/// Which number in the module's path PEFT takes for its layer: the first one that fits.
std::optional<std::int64_t> layerOf(const Json& config, const std::string& module)
{
    std::vector<std::string> patterns {".*?\\.[^.]*"};
    if (const Json* given = present(config, "layers_pattern");
        given != nullptr && !given->empty() && *given != "") {
        patterns = textsOf(*given, "layers_pattern");
        for (std::string& pattern : patterns)
            pattern = "(?:^|.*?\\.)" + pattern;
    }
    for (const auto& pattern : patterns) {
        const auto groups = ModulePattern(pattern + "\\.(\\d+)\\.").groupsAtStart(module);
        std::int64_t layer = 0;
        if (groups.empty())
            continue;
        const std::string& digits = groups.back();
        if (std::from_chars(digits.data(), digits.data() + digits.size(), layer).ec == std::errc())
            return layer;
    }
    return std::nullopt;
}

/// PEFT sets no adapter at a module that is saved whole, nor within one.
std::vector<ModulePattern> savedModules(const Json& config)
{
    constexpr std::size_t kMost = 1000; // each is a pattern, tried on each module
    const auto texts = peftTexts(config, "modules_to_save");
    if (texts.size() > kMost)
        failAt("modules_to_save", "a list of at most " + std::to_string(kMost) + " modules");
    std::vector<ModulePattern> patterns;
    for (const std::string& text : texts)
        patterns.emplace_back("(?:.*\\.)?" + text + "(?:\\..*)?");
    return patterns;
}

/// Whether a list spells the whole path; PEFT then asks for no layer.
bool isSpelledOut(const Json& targets, const std::string& module)
{
    return targets.is_array() && std::find(targets.begin(), targets.end(), module) != targets.end();
}

bool isTargeted(const Json& config, const SiteInfo& info)
{
    if (const Json* excluded = present(config, "exclude_modules");
        excluded != nullptr && names(*excluded, "exclude_modules", info.module))
        return false;
    const Json& targets = *present(config, "target_modules");
    const bool isNamed = targets == "all-linear" ? info.isLinear && info.site.kind != SiteKind::Head
                                                 : names(targets, "target_modules", info.module);
    const Json* layers = present(config, "layers_to_transform");
    if (!isNamed || targets.is_string() || isSpelledOut(targets, info.module) || layers == nullptr
        || (layers->is_array() && layers->empty()))
        return isNamed;
    const auto layer = layerOf(config, info.module);
    return layer && layersToTransform(*layers).contains(*layer);
}

std::string lastPart(const std::string& module)
{
    return module.substr(module.rfind('.') + 1);
}

} // namespace

Json parsePeftConfig(const std::string& text)
{
    Json config = parseJson(text, kPeftConfigFile);
    if (!config.is_object())
        throw Error(std::string(kPeftConfigFile) + " does not hold an object.",
                    "Check whether this is the folder of an adapter.");
    return config;
}

std::int64_t peftInteger(const Json& config, const std::string& key, std::int64_t fallback)
{
    const Json* value = present(config, key);
    if (value != nullptr && !value->is_number_integer())
        failAt(key, "a whole number");
    return value == nullptr ? fallback : value->get<std::int64_t>();
}

double peftNumber(const Json& config, const std::string& key, double fallback)
{
    const Json* value = present(config, key);
    if (value != nullptr && (!value->is_number() || !std::isfinite(value->get<double>())))
        failAt(key, "a number");
    return value == nullptr ? fallback : value->get<double>();
}

bool peftFlag(const Json& config, const std::string& key, bool fallback)
{
    const Json* value = present(config, key);
    if (value != nullptr && !value->is_boolean())
        failAt(key, "true or false");
    return value == nullptr ? fallback : value->get<bool>();
}

std::vector<std::string> peftTexts(const Json& config, const std::string& key)
{
    const Json* value = present(config, key);
    return value == nullptr ? std::vector<std::string>() : textsOf(*value, key);
}

void refuseUnknownSettings(const Json& config, const std::vector<std::string>& understood)
{
    for (const auto& [key, value] : config.items()) {
        const auto isKey = [&key = key](const std::string& known) { return known == key; };
        if (!isOff(value) && std::none_of(understood.begin(), understood.end(), isKey)
            && std::none_of(kHarmless.begin(), kHarmless.end(), isKey)
            && std::none_of(kTargeting.begin(), kTargeting.end(), isKey))
            throw Error(std::string(kPeftConfigFile) + " uses " + key + " ("
                            + value.dump().substr(0, 80)
                            + "), which Tunewright does not know; without it the adapter would "
                              "answer differently.",
                        "Merge the adapter into its model with PEFT and open the merged model.");
    }
}

std::vector<SiteInfo> targetedSites(const Json& config,
                                    const std::vector<SiteInfo>& sites,
                                    const std::vector<SiteKind>& further)
{
    if (present(config, "target_modules") == nullptr)
        failAt("target_modules", "a list of module names, a pattern or \"all-linear\"");
    const auto saved = savedModules(config);
    const auto isSaved = [&](const SiteInfo& info) {
        return std::any_of(saved.begin(), saved.end(), [&](const ModulePattern& pattern) {
            return pattern.matchesWhole(info.module);
        });
    };
    std::vector<SiteInfo> targeted;
    for (const auto& info : sites)
        if (isTargeted(config, info) && !isSaved(info))
            targeted.push_back(info);
    if (targeted.empty())
        throw Error(std::string(kPeftConfigFile) + ": target_modules ("
                        + present(config, "target_modules")->dump().substr(0, 120)
                        + ") names no module of this model.",
                    "Open the model that the adapter was trained on.");
    for (const auto& info : targeted) {
        const bool isPossible = (info.isLinear && info.site.kind != SiteKind::Head)
            || std::find(further.begin(), further.end(), info.site.kind) != further.end();
        if (!isPossible)
            throw Error(std::string(kPeftConfigFile) + ": target_modules includes " + info.module
                            + ", where Tunewright cannot attach an adapter of this type; it can at "
                              "the linear layers within the blocks.",
                        "Merge the adapter into its model with PEFT and open the merged model.");
    }
    return targeted;
}

PeftPatterns::PeftPatterns(const Json& config, const std::string& key)
{
    const Json* patterns = present(config, key);
    if (patterns == nullptr)
        return;
    if (!patterns->is_object())
        failAt(key, "an object with a number per module");
    for (const auto& [pattern, value] : patterns->items()) {
        if (!value.is_number())
            failAt(key + "." + pattern, "a number");
        m_patterns.emplace_back(ModulePattern("(.*\\.)?(" + pattern + ")$"), value.get<double>());
    }
}

std::optional<double> PeftPatterns::find(const std::string& module) const
{
    for (const auto& [pattern, value] : m_patterns)
        if (!pattern.groupsAtStart(module).empty())
            return value;
    return std::nullopt;
}

PeftRanks::PeftRanks(const Json& config,
                     const std::string& patternKey,
                     const std::string& rankKey,
                     std::int64_t fallback)
    : m_patterns(config, patternKey)
    , m_rank(peftInteger(config, rankKey, fallback))
{
    if (m_rank < 1)
        throw Error(std::string(kPeftConfigFile) + ": " + rankKey + " is " + std::to_string(m_rank)
                        + ", but a rank is at least 1.",
                    "Write the adapter again.");
}

std::int64_t PeftRanks::of(const std::string& module) const
{
    const double rank = m_patterns.find(module).value_or(static_cast<double>(m_rank));
    if (!(rank >= 1 && rank <= 1e6) || rank != std::trunc(rank))
        throw Error(std::string(kPeftConfigFile) + ": rank_pattern gives " + module + " the rank "
                        + std::to_string(rank) + ".",
                    "Ranks are whole numbers from 1.");
    return static_cast<std::int64_t>(rank);
}

Json targetModules(const std::vector<SiteInfo>& chosen, const std::vector<SiteInfo>& sites)
{
    std::set<std::string> suffixes;
    std::set<std::string> whole;
    for (const auto& info : chosen) {
        suffixes.insert(lastPart(info.module));
        whole.insert(info.module);
    }
    const auto byName = std::count_if(sites.begin(), sites.end(), [&](const auto& info) {
        return suffixes.contains(lastPart(info.module));
    });
    return byName == static_cast<std::ptrdiff_t>(whole.size()) ? Json(suffixes) : Json(whole);
}

std::string storedName(const std::string& parameter)
{
    return parameter == kPromptEmbeddings ? parameter : kPeftPrefix + parameter;
}

} // namespace tw
