// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/peft_reader.h"

namespace tw {

/// Settings that all adapters with virtual tokens have; but for the number of tokens they repeat
/// what the model says of itself.
std::vector<std::string> virtualTokenSettings();
/// num_virtual_tokens. Throws Error where there is none, or where the adapter is for a model of two
/// parts.
std::int64_t virtualTokenCount(const PeftReader& reader);

} // namespace tw
