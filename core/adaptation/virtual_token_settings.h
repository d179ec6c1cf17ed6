// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/peft_reader.h"

#include <functional>

namespace tw {

/// Settings that all adapters with virtual tokens have; but for the number of tokens they repeat
/// what the model says of itself.
std::vector<std::string> virtualTokenSettings();
/// num_virtual_tokens. Throws Error where there is none, or where the adapter is for a model of two
/// parts.
std::int64_t virtualTokenCount(const PeftReader& reader);

/// How many heads of what width PEFT takes the tokens apart into.
struct TokenShape
{
    std::int64_t width = 0;
    std::int64_t heads = 0;
};
/// Writes adapter_config.json of a method with virtual tokens, for attachParts(). own: its settings
/// besides those that all of them have.
std::function<std::string(const std::string& baseModelName)>
virtualTokenConfig(const std::string& peftType,
                   std::int64_t count,
                   const TokenShape& shape,
                   std::int64_t layers,
                   const Json& own);

/// What is wrong with the selection of a method with virtual tokens: a model that continues no
/// text, or the place for them not chosen.
Problems checkVirtualTokens(const std::string& method,
                            const std::vector<SiteInfo>& sites,
                            const SiteSelection& selection);

} // namespace tw
