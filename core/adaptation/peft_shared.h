// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/peft_reader.h"

namespace tw {

// What adapters of any method may carry besides their own: trained biases, whole modules, rows of
// single tokens.

/// Settings that addSharedParts() understands.
const std::vector<std::string>& sharedSettings();

/// Reads bias ("all", "lora_only" ...), modules_to_save and trainable_token_indices into parts, and
/// the base weights stored beside changes that parts has outside the blocks.
/// Throws Error for a setting or tensor that does not fit the model.
void addSharedParts(PeftReader& reader, AdapterParts& parts);

/// Reads rows for the tokens under the tensor `name` of the embedding or head at `module`. Where
/// the model ties both, they hold for both.
void addTokenRows(PeftReader& reader,
                  AdapterParts& parts,
                  const Json& indices,
                  const SiteInfo& info,
                  const std::string& name);

/// The base layer's own weight, which PEFT stores beside a changed embedding or head.
void addBaseWeight(PeftReader& reader, AdapterParts& parts, const SiteInfo& info);

} // namespace tw
