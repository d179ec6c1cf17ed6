// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/config.h"
#include "core/model/config_keys.h"

#include <optional>
#include <string>

namespace tw {

// What the decoders that came after Llama spell as Llama does: keys of config.json and of GGUF
// files, names of modules and weights. A family adds what is its own.

/// What Transformers' config class of a family assumes where config.json is silent.
struct DecoderDefaults
{
    std::optional<std::int64_t> kvHeads; ///< nothing: as many as there are heads
    std::optional<std::int64_t> headSize; ///< nothing: the hidden size shared among the heads
    std::int64_t contextLength = 2048;
};

/// Sizes, norm, rotary positions and head. Both throw Error for keys that are missing or wrong, and
/// for what no family expresses.
ModelConfig decoderConfig(const JsonKeys& keys, const DecoderDefaults& defaults);
ModelConfig decoderConfig(const TensorFile& gguf, const GgufKeys& keys);
/// "model.layers.0.self_attn.q_proj"
std::string decoderModule(Site site);
/// Name in a GGUF file of a weight that decoderModule() names, its norms of q and k included.
std::string decoderGgufName(const std::string& huggingFaceName);

} // namespace tw
