// SPDX-License-Identifier: Apache-2.0
#pragma once

// Only for .cpp files of this room.
#include "core/base/json.h"
#include "core/tokenizer/added_tokens.h"

#include <filesystem>
#include <map>
#include <optional>

namespace tw {

/// What stands beside a vocabulary in a Hugging Face folder: tokenizer_config.json,
/// special_tokens_map.json and added_tokens.json.
class TokenizerConfig
{
public:
    /// Files that are not there count as empty. Throws Error where one is no JSON object.
    explicit TokenizerConfig(const std::filesystem::path& folder);

    bool isThere() const { return m_isThere; }
    /// "LlamaTokenizer": tokenizer_class, without "Fast"; where none is named, that of the model in
    /// config.json; or empty.
    std::string className() const;
    bool flag(const char* key, bool otherwise) const; ///< otherwise where absent or no flag
    std::int64_t number(const char* key, std::int64_t otherwise) const;
    std::string text(const char* key, const std::string& otherwise) const;
    /// "bos_token": what the files say, `otherwise` where they do not, nothing where they say null.
    std::optional<AddedToken> token(const char* key,
                                    const std::optional<AddedToken>& otherwise) const;
    std::vector<AddedToken> additionalSpecialTokens() const;
    bool namesAdditionalSpecialTokens() const;
    /// added_tokens_decoder and added_tokens.json, by id.
    std::map<std::uint32_t, AddedToken> addedTokens() const;
    const std::string& where() const { return m_where; } ///< path of tokenizer_config.json

private:
    const Json* find(const char* key) const;

    std::string m_where;
    bool m_isThere = false;
    Json m_config;
    Json m_specialTokens;
    Json m_addedTokens;
    Json m_model; ///< config.json
};

/// A token that is special, and nothing else.
AddedToken specialToken(std::string content);

} // namespace tw
