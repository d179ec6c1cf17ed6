// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/tokenizer_config.h"

#include "core/base/error.h"
#include "core/tokenizer/vocabulary.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxConfig = 16'000'000;

/// model_type in config.json, and the class of its tokenizer: older folders name none.
constexpr std::array<std::pair<std::string_view, std::string_view>, 31> kClassOf {{
    {"albert", "AlbertTokenizer"},
    {"bart", "BartTokenizer"},
    {"bert", "BertTokenizer"},
    {"big_bird", "BigBirdTokenizer"},
    {"camembert", "CamembertTokenizer"},
    {"clip", "CLIPTokenizer"},
    {"deberta-v2", "DebertaV2Tokenizer"},
    {"distilbert", "DistilBertTokenizer"},
    {"electra", "ElectraTokenizer"},
    {"gemma", "GemmaTokenizer"},
    {"gemma2", "GemmaTokenizer"},
    {"gpt2", "GPT2Tokenizer"},
    {"hubert", "Wav2Vec2CTCTokenizer"},
    {"led", "LEDTokenizer"},
    {"llama", "LlamaTokenizer"},
    {"longformer", "LongformerTokenizer"},
    {"mbart", "MBartTokenizer"},
    {"mistral", "LlamaTokenizer"},
    {"mpnet", "MPNetTokenizer"},
    {"mt5", "MT5Tokenizer"},
    {"opt", "GPT2Tokenizer"},
    {"pegasus", "PegasusTokenizer"},
    {"qwen2", "Qwen2Tokenizer"},
    {"rembert", "RemBertTokenizer"},
    {"roberta", "RobertaTokenizer"},
    {"t5", "T5Tokenizer"},
    {"wav2vec2", "Wav2Vec2CTCTokenizer"},
    {"xglm", "XGLMTokenizer"},
    {"xlm-roberta", "XLMRobertaTokenizer"},
    {"xlm-roberta-xl", "XLMRobertaTokenizer"},
    {"xlnet", "XLNetTokenizer"},
}};

Json objectIn(const fs::path& file)
{
    std::error_code code;
    if (!fs::exists(file, code))
        return Json::object();
    Json json = readJsonFile(file, kMaxConfig);
    if (!json.is_object())
        throw Error(file.string() + ": is no JSON object.", "Download the tokenizer again.");
    return json;
}

bool flagIn(const Json& json, const char* key, bool otherwise)
{
    const auto it = json.find(key);
    return it != json.end() && it->is_boolean() ? it->get<bool>() : otherwise;
}

/// A token is a text or an object with its content; nothing where it is neither.
std::optional<AddedToken> tokenFrom(const Json& json)
{
    if (json.is_string())
        return specialToken(json.get<std::string>());
    const auto content = json.is_object() ? json.find("content") : json.end();
    if (!json.is_object() || content == json.end() || !content->is_string())
        return std::nullopt;
    AddedToken token;
    token.content = content->get<std::string>();
    token.isSpecial = flagIn(json, "special", false);
    token.isNormalized = flagIn(json, "normalized", !token.isSpecial);
    token.isSingleWord = flagIn(json, "single_word", false);
    token.stripsLeft = flagIn(json, "lstrip", false);
    token.stripsRight = flagIn(json, "rstrip", false);
    return token;
}

} // namespace

AddedToken specialToken(std::string content)
{
    AddedToken token;
    token.content = std::move(content);
    token.isSpecial = true;
    return token;
}

TokenizerConfig::TokenizerConfig(const fs::path& folder)
    : m_where((folder / "tokenizer_config.json").string())
    , m_config(objectIn(folder / "tokenizer_config.json"))
    , m_specialTokens(objectIn(folder / "special_tokens_map.json"))
    , m_addedTokens(objectIn(folder / "added_tokens.json"))
    , m_model(objectIn(folder / "config.json"))
{
    std::error_code code;
    m_isThere = fs::exists(folder / "tokenizer_config.json", code);
}

const Json* TokenizerConfig::find(const char* key) const
{
    if (const auto it = m_config.find(key); it != m_config.end())
        return &*it;
    if (const auto it = m_specialTokens.find(key); it != m_specialTokens.end())
        return &*it;
    return nullptr;
}

std::string TokenizerConfig::className() const
{
    for (const Json* const json : {&m_config, &m_specialTokens, &m_model}) {
        const auto name = json->find("tokenizer_class");
        if (name == json->end() || !name->is_string())
            continue;
        std::string text = name->get<std::string>();
        if (text.ends_with("Fast"))
            text.resize(text.size() - 4);
        return text;
    }
    const auto type = m_model.find("model_type");
    const auto known = std::find_if(kClassOf.begin(), kClassOf.end(), [&](const auto& entry) {
        return type != m_model.end() && type->is_string()
            && entry.first == type->template get_ref<const std::string&>();
    });
    return known == kClassOf.end() ? "" : std::string(known->second);
}

bool TokenizerConfig::flag(const char* key, bool otherwise) const
{
    return flagIn(m_config, key, otherwise);
}

std::int64_t TokenizerConfig::number(const char* key, std::int64_t otherwise) const
{
    const Json* const json = find(key);
    return json != nullptr && json->is_number_unsigned()
            && json->get<std::uint64_t>() < Vocabulary::kMaxTokens
        ? json->get<std::int64_t>()
        : otherwise;
}

std::string TokenizerConfig::text(const char* key, const std::string& otherwise) const
{
    const Json* const json = find(key);
    return json != nullptr && json->is_string() ? json->get<std::string>() : otherwise;
}

std::optional<AddedToken> TokenizerConfig::token(const char* key,
                                                 const std::optional<AddedToken>& otherwise) const
{
    const Json* const json = find(key);
    if (json == nullptr)
        return otherwise;
    auto token = tokenFrom(*json);
    if (token && otherwise && json->is_string() && token->content == otherwise->content)
        return otherwise; // a bare text leaves the class's own way with blanks
    if (token)
        token->isSpecial = true;
    return token;
}

bool TokenizerConfig::namesAdditionalSpecialTokens() const
{
    const Json* const list = find("additional_special_tokens");
    return list != nullptr && list->is_array();
}

std::vector<AddedToken> TokenizerConfig::additionalSpecialTokens() const
{
    std::vector<AddedToken> tokens;
    if (!namesAdditionalSpecialTokens())
        return tokens;
    for (const Json& entry : *find("additional_special_tokens")) {
        if (auto token = tokenFrom(entry)) {
            token->isSpecial = true;
            tokens.push_back(*token);
        }
    }
    return tokens;
}

std::map<std::uint32_t, AddedToken> TokenizerConfig::addedTokens() const
{
    std::map<std::uint32_t, AddedToken> tokens;
    const auto add = [&](std::uint64_t id, AddedToken token) {
        if (id >= Vocabulary::kMaxTokens || token.content.empty())
            throw Error(m_where + ": the added token with the id " + std::to_string(id)
                            + " is none.",
                        "Download the tokenizer again.");
        token.id = static_cast<std::uint32_t>(id);
        tokens.emplace(token.id, std::move(token));
    };
    if (const auto list = m_config.find("added_tokens_decoder");
        list != m_config.end() && list->is_object()) {
        for (const auto& [key, entry] : list->items()) {
            std::uint64_t id = Vocabulary::kMaxTokens;
            std::from_chars(key.data(), key.data() + key.size(), id);
            add(id, tokenFrom(entry).value_or(AddedToken {}));
        }
        return tokens;
    }
    for (const auto& [content, id] : m_addedTokens.items()) {
        AddedToken token;
        token.content = content;
        add(id.is_number_unsigned() ? id.get<std::uint64_t>() : Vocabulary::kMaxTokens, token);
    }
    return tokens;
}

} // namespace tw
