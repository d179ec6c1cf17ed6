// SPDX-License-Identifier: Apache-2.0
// Vocabularies of letters, as models of speech have them (Transformers' Wav2Vec2CTCTokenizer).
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/code_points.h"
#include "core/tokenizer/tokenizer_config.h"
#include "core/tokenizer/vocabulary_files.h"

#include <algorithm>
#include <unicode/locid.h>
#include <unicode/unistr.h>
#include <unordered_map>

namespace tw {
namespace {

namespace fs = std::filesystem;

/// Of equal neighbours one stays, blanks of CTC (Graves et al. 2006) go, the mark between words
/// becomes what stands for it in a text.
class CtcText final : public Decoder
{
public:
    CtcText(std::string pad, std::string delimiter, std::string blank)
        : m_pad(std::move(pad))
        , m_delimiter(std::move(delimiter))
        , m_blank(std::move(blank))
    {
    }
    std::vector<std::string> decode(std::vector<std::string> tokens) const override
    {
        tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
        for (std::string& token : tokens)
            token = bytesOf(std::move(token));
        return {join(tokens, "")};
    }
    std::string bytesOf(std::string token) const override
    {
        if (token == m_pad)
            return {};
        return token == m_delimiter ? m_blank : token;
    }

private:
    std::string m_pad;
    std::string m_delimiter;
    std::string m_blank;
};

std::string stripped(std::string text)
{
    return strippedLikePython(text);
}

/// With the sigma that ends a word, as Python has it.
std::string inLowerCase(std::string text)
{
    std::string lower;
    icu::UnicodeString::fromUTF8(text).toLower(icu::Locale::getRoot()).toUTF8String(lower);
    return lower;
}

bool isLetter(std::string_view token)
{
    return token.empty() || token.size() <= pointLength(token.front());
}

/// Looks for the special tokens, and for all that are longer than a letter: those take the blanks
/// around them.
class Tokens
{
public:
    Tokens(const TokenizerConfig& config, TokenizerParts& parts)
        : m_config(config)
        , m_parts(parts)
        , m_end(parts.model->vocabulary().endId())
    {
        for (const auto& [id, token] : config.addedTokens())
            add(token);
        parts.model->vocabulary().forEach([this](std::string_view text, std::uint32_t) {
            AddedToken token;
            token.content = text;
            if (!text.empty() && !isLetter(text))
                add(std::move(token));
        });
    }
    std::optional<std::int64_t> named(const char* key, const char* otherwise)
    {
        const auto token = m_config.token(key, specialToken(otherwise));
        return token ? std::optional(add(*token)) : std::nullopt;
    }
    void addAdditional()
    {
        for (const AddedToken& token : m_config.additionalSpecialTokens())
            add(token);
    }

private:
    std::int64_t add(AddedToken token)
    {
        if (const auto known = m_places.find(token.content); known != m_places.end()) {
            AddedToken& there = m_parts.added[known->second];
            there.isSpecial = there.isSpecial || token.isSpecial;
            return there.id;
        }
        const auto id = m_parts.model->vocabulary().find(token.content);
        token.id = id.value_or(m_end);
        token.isNormalized = false;
        if (id && !isLetter(token.content))
            token.stripsLeft = token.stripsRight = true;
        m_end = std::max(m_end, token.id + 1);
        m_places[token.content] = m_parts.added.size();
        m_parts.added.push_back(std::move(token));
        return m_parts.added.back().id;
    }

    const TokenizerConfig& m_config;
    TokenizerParts& m_parts;
    std::unordered_map<std::string, std::size_t> m_places; ///< in m_parts.added
    std::uint32_t m_end; ///< behind all ids
};

} // namespace

TokenizerParts readLetters(const fs::path& folder)
{
    const TokenizerConfig config(folder);
    const std::string name = config.className();
    if (name.empty())
        throw Error(folder.string() + ": there is a vocab.json in this folder, and no merges.txt.",
                    "Download the tokenizer again, with all of its files.");
    if (name != "Wav2Vec2CTCTokenizer")
        throw Error(config.where() + ": the tokenizer_class " + name.substr(0, 60)
                        + " is not known for a vocab.json in a folder with no merges.txt.",
                    "Known: Wav2Vec2CTCTokenizer. If files are missing, download the tokenizer "
                    "again; for another class, load it with Transformers and save it with "
                    "save_pretrained, which writes tokenizer.json.");
    const auto textOf = [&](const char* key, const char* otherwise) {
        const auto token = config.token(key, specialToken(otherwise));
        return token ? token->content : std::string(otherwise);
    };
    const std::string delimiter = textOf("word_delimiter_token", "|");
    const bool lowers = config.flag("do_lower_case", false);
    TokenizerParts parts;
    parts.model =
        makeWordLevel(readVocabulary(folder / "vocab.json"), textOf("unk_token", "<unk>"));
    if (lowers) { // the vocabulary is in upper case
        parts.normalizers.push_back(makeLowercase());
        parts.normalizers.push_back(makeUppercase());
    }
    parts.normalizers.push_back(makeReplace(" ", delimiter));
    parts.preTokenizers.push_back(makeFixedLength(1));
    parts.decoder = std::make_unique<CtcText>(textOf("pad_token", "<pad>"), delimiter,
                                              config.text("replace_word_delimiter_char", " "));
    parts.finishing.push_back(stripped);
    if (lowers)
        parts.finishing.push_back(inLowerCase);
    if (config.flag("clean_up_tokenization_spaces", false))
        parts.finishing.push_back(cleanedUpText);
    Tokens tokens(config, parts);
    parts.special.bos = tokens.named("bos_token", "<s>");
    parts.special.eos = tokens.named("eos_token", "</s>");
    parts.special.unknown = tokens.named("unk_token", "<unk>");
    parts.special.pad = tokens.named("pad_token", "<pad>");
    tokens.addAdditional();
    return parts;
}

} // namespace tw
