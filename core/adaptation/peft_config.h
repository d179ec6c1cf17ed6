// SPDX-License-Identifier: Apache-2.0
#pragma once

// For .cpp files of core/adaptation only: it shows the JSON library.
#include "core/adaptation/module_pattern.h"
#include "core/base/json.h"
#include "core/model/site.h"

#include <optional>
#include <string>
#include <vector>

namespace tw {

/// Where PEFT's adapter_config.json is quoted in messages.
inline constexpr const char* kPeftConfigFile = "adapter_config.json";
/// What PEFT puts before the module path of each tensor.
inline constexpr const char* kPeftPrefix = "base_model.model.";
/// Instead, before whole modules that are saved beside virtual tokens.
inline constexpr const char* kPromptPrefix = "base_model.";
/// The one tensor of prompt, prefix and p-tuning; it has no prefix.
inline constexpr const char* kPromptEmbeddings = "prompt_embeddings";
/// A parameter's name in the file: what stands before the text has no module.
std::string storedName(const std::string& parameter);

/// Parses adapter_config.json. Throws Error where it is no JSON object.
Json parsePeftConfig(const std::string& text);

/// Whole number, number or flag under key; fallback where the key is absent or null. Throws Error
/// for another type.
std::int64_t peftInteger(const Json& config, const std::string& key, std::int64_t fallback);
double peftNumber(const Json& config, const std::string& key, double fallback);
bool peftFlag(const Json& config, const std::string& key, bool fallback);

/// Texts under key: one or a list of them; none where it is absent or null. Throws Error for
/// another type.
std::vector<std::string> peftTexts(const Json& config, const std::string& key);

/// Refuses, by name, a setting that is neither in `understood` nor switched off (null, false,
/// empty, "none"): it would change the arithmetic. Settings that never do (revision, task_type ...)
/// are let through.
void refuseUnknownSettings(const Json& config, const std::vector<std::string>& understood);

/// The modules that an adapter sits at, by PEFT's rules: target_modules (list, regular expression
/// or "all-linear"), exclude_modules, layers_to_transform, layers_pattern, modules_to_save. Throws
/// Error where it targets nothing here, or a module that is neither a linear layer within a block
/// nor of a further kind.
std::vector<SiteInfo> targetedSites(const Json& config,
                                    const std::vector<SiteInfo>& sites,
                                    const std::vector<SiteKind>& further = {});

/// rank_pattern or alpha_pattern: a number per module, by regular expressions on the end of its
/// path; the first that matches counts, in the order of the file.
class PeftPatterns
{
public:
    PeftPatterns(const Json& config, const std::string& key);
    std::optional<double> find(const std::string& module) const;

private:
    std::vector<std::pair<ModulePattern, double>> m_patterns;
};

/// The rank of each module: a setting for all of them, and rank_pattern for single ones.
class PeftRanks
{
public:
    /// rankKey: "r". Throws Error where a rank is not a whole number from 1.
    PeftRanks(const Json& config,
              const std::string& patternKey,
              const std::string& rankKey,
              std::int64_t fallback);
    std::int64_t of(const std::string& module) const;

private:
    PeftPatterns m_patterns;
    std::int64_t m_rank;
};

/// target_modules for exactly these sites: the last parts of their names where every layer has
/// them, else whole names.
Json targetModules(const std::vector<SiteInfo>& chosen, const std::vector<SiteInfo>& sites);

} // namespace tw
