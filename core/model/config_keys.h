// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/tensorfile/tensor_file.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace tw {

/// What to do about a config.json that cannot be right.
constexpr const char* kFetchAgain = "Fetch config.json again from where the model came from.";

/// Keys of config.json as a family asks for them. A key that is null counts as absent. Every
/// Error names the key; without `otherwise` an absent key is one.
class JsonKeys
{
public:
    explicit JsonKeys(Json config); ///< an object

    bool says(const char* key) const; ///< even if only null: then no default is meant
    const Json* find(const char* key) const; ///< nullptr where it is absent
    std::int64_t integer(const char* key,
                         std::optional<std::int64_t> otherwise = std::nullopt) const;
    double real(const char* key, double otherwise) const;
    bool flag(const char* key, bool otherwise) const;
    std::string text(const char* key, const std::string& otherwise) const;
    /// An object within this one; nothing where it is absent.
    std::optional<JsonKeys> object(const char* key) const;
    std::int64_t size() const { return static_cast<std::int64_t>(m_config.size()); }

private:
    Json m_config;
};

struct ModelConfig;
/// The class, what it does with the hidden states, and the labels it tells apart: architectures[0],
/// id2label, num_labels, pad_token_id.
void readTask(const JsonKeys& keys, ModelConfig& to);

/// Scalars of a GGUF file's header, which hold "llama.block_count" as text. Asked for without the
/// architecture in front.
class GgufKeys
{
public:
    explicit GgufKeys(const TensorFile& gguf);

    bool has(const std::string& key) const;
    double real(const std::string& key, std::optional<double> otherwise = std::nullopt) const;
    std::int64_t integer(const std::string& key,
                         std::optional<std::int64_t> otherwise = std::nullopt) const;
    std::string text(const std::string& key, const std::string& otherwise) const;
    const std::string& architecture() const { return m_architecture; }

private:
    const std::map<std::string, std::string>& m_metadata; // the file's, which outlives this
    std::string m_architecture;
};

} // namespace tw
