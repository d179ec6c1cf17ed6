// SPDX-License-Identifier: Apache-2.0
// A tokenizer.json as the lists of a GGUF file.
#include "core/base/text.h"
#include "core/tokenizer/gguf_token_list.h"
#include "core/tokenizer/tokenizer_events.h"

#include <map>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTokenizer = 256'000'000; // as it is read

bool usesByteLevel(const Json& step)
{
    if (step.is_object() && step.value("type", Json()) == "ByteLevel")
        return true;
    if (step.is_structured())
        for (const Json& inner : step)
            if (inner.is_structured() && usesByteLevel(inner))
                return true;
    return false;
}

Json part(const Json& json, const char* key)
{
    const auto it = json.find(key);
    return it == json.end() ? Json() : *it;
}

void addVocabulary(const TokenizerEvents& events, const Json& unknown, GgufTokenList& list)
{
    events.vocabulary.forEach([&](std::string_view text, std::int64_t id) {
        const std::size_t at = list.place(id);
        const bool isByte = !list.isByteLevel && text.size() == 6 && text.starts_with("<0x");
        list.texts[at] = text;
        list.types[at] = isByte                    ? GgufTokenType::Byte
            : unknown == text && !list.isByteLevel ? GgufTokenType::Unknown
                                                   : GgufTokenType::Normal;
    });
}

void addAdded(const Json& added, GgufTokenList& list)
{
    for (const Json& token : added.is_array() ? added : Json::array()) {
        if (!token.is_object() || !part(token, "content").is_string())
            list.refuse("an added token has no content.");
        const Json id = part(token, "id");
        if (!id.is_number_integer())
            list.refuse("an added token has the id " + id.dump() + ", which is no number.");
        const std::size_t at = list.place(id.get<std::int64_t>());
        list.texts[at] = token.at("content").get<std::string>();
        if (list.types[at] != GgufTokenType::Unknown)
            list.types[at] = part(token, "special") == true ? GgufTokenType::Control
                                                            : GgufTokenType::UserDefined;
    }
}

std::vector<std::string> mergesOf(const TokenizerEvents& events)
{
    std::vector<std::string> all;
    events.merges.forEach([&](auto, std::string_view left, std::string_view right) {
        all.push_back(std::string(left) + " " + std::string(right));
    });
    return all;
}

/// SentencePiece merges what gives the token with the best score: the rank of the first merge
/// that gives it, below zero.
std::vector<float> scoresOf(const TokenizerEvents& events, const std::vector<std::string>& texts)
{
    std::map<std::string, float, std::less<>> byText;
    float rank = 0.0F;
    events.merges.forEach([&](auto, std::string_view left, std::string_view right) {
        byText.try_emplace(std::string(left) + std::string(right), rank);
        rank -= 1.0F;
    });
    std::vector<float> all;
    for (const std::string& text : texts) {
        const auto it = byText.find(text);
        all.push_back(it == byText.end() ? rank : it->second);
    }
    return all;
}

} // namespace

GgufTokenList ggufTokensOfJson(const fs::path& tokenizerJson, std::int64_t size)
{
    const std::string where = tokenizerJson.string();
    TokenizerEvents events(where);
    parseJsonEvents(readFile(tokenizerJson, kMaxTokenizer), where, events);
    const Json model = part(events.rest, "model");
    GgufTokenList list(tokenizerJson, size);
    if (!model.is_object() || model.value("type", Json("BPE")) != "BPE" || !events.hasVocabulary)
        list.refuse("the tokenizer is no BPE, the only kind that is written to GGUF.");
    list.isByteLevel = usesByteLevel(part(events.rest, "pre_tokenizer"))
        || usesByteLevel(part(events.rest, "decoder"));
    if (!list.isByteLevel && part(model, "byte_fallback") != true)
        list.refuse("the BPE works neither on bytes nor falls back to them.");
    addVocabulary(events, part(model, "unk_token"), list);
    addAdded(part(events.rest, "added_tokens"), list);
    if (list.isByteLevel)
        list.merges = mergesOf(events);
    else
        list.scores = scoresOf(events, list.texts);
    return list;
}

} // namespace tw
