// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/config.h"
#include "core/tensorfile/gguf_writer.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tw {

/// What a GGUF file says of a model besides its weights and its tokenizer, under the names and in
/// the types of llama.cpp's converter.
struct GgufSettings
{
    std::string architecture; ///< general.architecture
    GgufFields fields; ///< keys whole: "llama.block_count"
    /// Factors of rotary frequencies, which llama.cpp keeps as tensors.
    std::vector<std::pair<std::string, std::vector<float>>> tensors;

    void add(const std::string& key, GgufField value)
    {
        fields.emplace_back(architecture + "." + key, std::move(value));
    }
    void addCount(const std::string& key, std::int64_t value)
    {
        add(key, static_cast<std::uint32_t>(value));
    }
    void addReal(const std::string& key, double value) { add(key, static_cast<float>(value)); }
};

/// Sizes, norm and rotary positions, which all decoders have. Throws Error for what GGUF has no key
/// for: windows that only some layers have, other activations than the architecture's and the like.
GgufSettings decoderGgufSettings(const std::string& architecture, const ModelConfig& config);

/// Throws Error that the model has something (in words) that GGUF cannot express.
[[noreturn]] void refuseForGguf(const std::string& what);
/// Throws Error unless the activation is one of `known`: those that llama.cpp computes for the
/// architecture, whose file does not say it.
void requireActivation(const ModelConfig& config, std::initializer_list<std::string_view> known);
/// Throws Error where a window shortens what tokens attend to: for architectures that llama.cpp
/// always computes without one.
void refuseWindow(const ModelConfig& config);

} // namespace tw
