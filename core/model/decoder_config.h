// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/config.h"
#include "core/model/config_keys.h"
#include "core/model/module_names.h"

#include <map>
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
    bool tiesHead = false;
    double ropeTheta = 10000.0;
};

/// Sizes, norm, rotary positions and head. Both throw Error for keys that are missing or wrong, and
/// for what no family expresses.
ModelConfig decoderConfig(const JsonKeys& keys, const DecoderDefaults& defaults);
ModelConfig decoderConfig(const TensorFile& gguf, const GgufKeys& keys);
ModuleNames decoderNames();
/// Name in a GGUF file of a weight that decoderNames() names; ownParts goes before what most have.
std::string decoderGgufName(const std::string& huggingFaceName,
                            const std::map<std::string, std::string>& ownParts = {});
/// rope_scaling, which says "type", "rope_type" or both; Transformers 5 calls it rope_parameters
/// and puts theta inside. The base is to.ropeTheta where the config does not say it.
void readRope(const JsonKeys& keys, ModelConfig& to);

} // namespace tw
