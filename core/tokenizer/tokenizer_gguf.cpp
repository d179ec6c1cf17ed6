// SPDX-License-Identifier: Apache-2.0
// The tokenizer in a GGUF file: of the kind gpt2 (byte-level BPE), llama (SentencePiece's BPE), t5
// (SentencePiece's Unigram) or bert (WordPiece), as llama.cpp reads them.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tensorfile/gguf.h"
#include "core/tokenizer/bpe.h"
#include "core/tokenizer/code_points.h"
#include "core/tokenizer/gguf_patterns.h"
#include "core/tokenizer/pipeline.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tw {
namespace {

constexpr const char* kConvertAgain = "Convert the model again with a current llama.cpp.";
constexpr const char* kMark = "\u2581"; // SentencePiece's space
constexpr std::size_t kLongestMerged = 512; // bytes; longer tokens are looked for as they are

enum TokenType : std::int64_t
{
    kUnknown = 2,
    kControl = 3,
    kUserDefined = 4,
    kUnused = 5,
    kByte = 6
};

/// The lists that all kinds share.
struct Tokens
{
    std::vector<std::string> texts;
    std::vector<std::int64_t> types; ///< 0 where the file has none
    std::vector<AddedToken> added; ///< those that are looked for in the text
};

Tokens readTokens(const GgufHeader& header, const std::string& where)
{
    const auto texts = header.texts("tokenizer.ggml.tokens");
    if (!texts || texts->empty())
        throw Error(where + ": has no vocabulary (tokenizer.ggml.tokens).", kConvertAgain);
    if (texts->size() > Vocabulary::kMaxTokens)
        throw Error(where + ": tokenizer.ggml.tokens holds " + std::to_string(texts->size())
                        + " tokens; at most " + groupedDigits(Vocabulary::kMaxTokens)
                        + " are read.",
                    kConvertAgain);
    const auto types = header.integers("tokenizer.ggml.token_type");
    if (types && types->size() != texts->size())
        throw Error(where + ": tokenizer.ggml.token_type has " + std::to_string(types->size())
                        + " entries for " + std::to_string(texts->size()) + " tokens.",
                    kConvertAgain);
    Tokens tokens;
    tokens.types = types ? *types : std::vector<std::int64_t>(texts->size(), 0);
    for (std::uint32_t id = 0; id < texts->size(); ++id) {
        tokens.texts.push_back(repairedUtf8((*texts)[id]));
        const std::string& text = tokens.texts.back();
        const std::int64_t type = tokens.types[id];
        if (!text.empty() && (type == kUnknown || type == kControl || type == kUserDefined))
            tokens.added.push_back({text, id, type != kUserDefined, false, false, false, false});
    }
    return tokens;
}

Vocabulary vocabularyOf(const Tokens& tokens)
{
    Vocabulary vocabulary;
    for (std::uint32_t id = 0; id < tokens.texts.size(); ++id)
        vocabulary.add(tokens.texts[id], id); // a text that is there twice keeps its first id
    return vocabulary;
}

MergeList readMerges(const GgufHeader& header, const std::string& where)
{
    MergeList list;
    const auto merges = header.texts("tokenizer.ggml.merges");
    if (!merges)
        throw Error(where + ": has no merges (tokenizer.ggml.merges).", kConvertAgain);
    for (std::size_t i = 0; i < merges->size(); ++i) {
        const std::string text = repairedUtf8((*merges)[i]);
        const auto space = text.find(' ', 1); // a token may begin with a space
        if (space == std::string::npos)
            throw Error(where + ": tokenizer.ggml.merges: merge " + std::to_string(i + 1)
                            + " is no pair of texts.",
                        kConvertAgain);
        list.add(std::string_view(text).substr(0, space), std::string_view(text).substr(space + 1));
    }
    return list;
}

std::vector<float> readScores(const GgufHeader& header, std::size_t count, const std::string& where)
{
    auto scores = header.reals("tokenizer.ggml.scores");
    if (!scores || scores->size() != count)
        throw Error(where + ": tokenizer.ggml.scores has "
                        + std::to_string(scores ? scores->size() : 0) + " entries for "
                        + std::to_string(count) + " tokens.",
                    kConvertAgain);
    for (const float score : *scores)
        if (std::isnan(score))
            throw Error(where + ": tokenizer.ggml.scores holds what is no number.", kConvertAgain);
    return *scores;
}

/// Special tokens of the file, and the frame that its flags ask for.
class Ends
{
public:
    Ends(const GgufHeader& header, TokenizerParts& parts)
        : m_header(header)
        , m_parts(parts)
    {
        parts.special = {id("bos"), id("eos"), id("padding"), id("unknown")};
    }
    std::optional<std::int64_t> id(const char* name) const
    {
        return m_header.integer(std::string("tokenizer.ggml.") + name + "_token_id");
    }
    void frame(bool addsBos, bool addsEos, std::optional<std::int64_t> last)
    {
        std::vector<std::int64_t> before;
        std::vector<std::int64_t> behind;
        if (m_parts.special.bos && m_header.flag("tokenizer.ggml.add_bos_token").value_or(addsBos))
            before.push_back(*m_parts.special.bos);
        if (last && m_header.flag("tokenizer.ggml.add_eos_token").value_or(addsEos))
            behind.push_back(*last);
        m_parts.frames = framedBy(before, behind);
    }

private:
    const GgufHeader& m_header;
    TokenizerParts& m_parts;
};

TokenizerParts readByteLevel(const GgufHeader& header, const std::string& where)
{
    TokenizerParts parts;
    const GgufPattern pattern =
        ggufPattern(header.text("tokenizer.ggml.pre").value_or("default"), where);
    for (const std::string& expression : pattern.patterns)
        parts.preTokenizers.push_back(makeSplit(Regex(expression), SplitBehaviour::Isolated));
    BpeOptions options;
    options.isByteLevel = true;
    options.ignoresMerges = pattern.ignoresMerges;
    Tokens tokens = readTokens(header, where);
    parts.model = std::make_unique<Bpe>(vocabularyOf(tokens), readMerges(header, where),
                                        std::move(options), where);
    parts.added = std::move(tokens.added);
    parts.decoder = makeByteLevelDecoder();
    Ends(header, parts).frame(pattern.addsBos, false, parts.special.eos);
    return parts;
}

/// SentencePiece's BPE has no list of merges: of all neighbours that together are a token, those
/// with the best score become one, leftmost first.
MergeList
mergesByScore(const Tokens& tokens, const Vocabulary& vocabulary, const std::vector<float>& scores)
{
    std::vector<std::uint32_t> order;
    for (std::uint32_t id = 0; id < tokens.texts.size(); ++id) {
        const std::int64_t type = tokens.types[id];
        const bool isMade =
            type != kUnknown && type != kControl && type != kByte && type != kUnused;
        if (isMade && tokens.texts[id].size() <= kLongestMerged)
            order.push_back(id);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return scores[a] > scores[b]; });
    MergeList list;
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && scores[order[i]] != scores[order[i - 1]])
            ++rank;
        const std::string_view text = tokens.texts[order[i]];
        for (std::size_t at = text.empty() ? 0 : pointLength(text[0]); at < text.size();
             at += pointLength(text[at]))
            if (vocabulary.find(text.substr(0, at)) && vocabulary.find(text.substr(at)))
                list.add(text.substr(0, at), text.substr(at), rank);
    }
    return list;
}

TokenizerParts readSentencePiece(const GgufHeader& header, const std::string& where)
{
    TokenizerParts parts;
    Tokens tokens = readTokens(header, where);
    const bool addsSpace = header.flag("tokenizer.ggml.add_space_prefix").value_or(true);
    if (addsSpace)
        parts.normalizers.push_back(makePrepend(kMark));
    parts.normalizers.push_back(makeReplace(" ", kMark));
    Ends ends(header, parts);
    BpeOptions options;
    options.hasByteFallback = true;
    options.fusesUnknown = true;
    const std::int64_t unknown = parts.special.unknown.value_or(0);
    if (unknown >= 0 && static_cast<std::size_t>(unknown) < tokens.texts.size())
        options.unknown = tokens.texts[static_cast<std::size_t>(unknown)];
    Vocabulary vocabulary = vocabularyOf(tokens);
    const MergeList merges =
        mergesByScore(tokens, vocabulary, readScores(header, tokens.texts.size(), where));
    parts.model = std::make_unique<Bpe>(std::move(vocabulary), merges, std::move(options), where);
    parts.added = std::move(tokens.added);
    std::vector<DecoderPtr> steps;
    steps.push_back(makeReplaceDecoder(kMark, " "));
    steps.push_back(makeByteFallbackDecoder());
    steps.push_back(makeFuseDecoder());
    if (addsSpace)
        steps.push_back(makeStripDecoder(' ', 1, 0));
    parts.decoder = makeDecoderSequence(std::move(steps));
    ends.frame(true, false, parts.special.eos);
    return parts;
}

NormalizerPtr charsmapOf(const GgufHeader& header, const std::string& where)
{
    const auto numbers = header.integers("tokenizer.ggml.precompiled_charsmap");
    std::string bytes;
    if (numbers)
        for (const std::int64_t number : *numbers)
            bytes.push_back(static_cast<char>(number));
    try {
        return makePrecompiled(bytes);
    } catch (const Error& error) {
        throw Error(where + ": tokenizer.ggml.precompiled_charsmap " + error.what() + ".",
                    kConvertAgain);
    }
}

TokenizerParts readUnigram(const GgufHeader& header, const std::string& where)
{
    TokenizerParts parts;
    Tokens tokens = readTokens(header, where);
    const std::vector<float> scores = readScores(header, tokens.texts.size(), where);
    Ends ends(header, parts);
    UnigramOptions options;
    options.isSinglePrecision = true;
    options.unknown = static_cast<std::uint32_t>(std::clamp<std::int64_t>(
        parts.special.unknown.value_or(2), 0, static_cast<std::int64_t>(tokens.texts.size()) - 1));
    double lowest = std::numeric_limits<double>::max();
    for (std::size_t id = 0; id < scores.size(); ++id) {
        const std::int64_t type = tokens.types[id];
        const bool isText =
            type != kUnknown && type != kControl && type != kByte && type != kUnused;
        options.scores.push_back(isText ? static_cast<double>(scores[id])
                                        : std::numeric_limits<double>::quiet_NaN());
        if (isText)
            lowest = std::min(lowest, options.scores.back());
    }
    options.lowest = lowest;
    parts.model = makeUnigram(vocabularyOf(tokens), std::move(options));
    parts.added = std::move(tokens.added);
    parts.normalizers.push_back(charsmapOf(header, where));
    if (header.flag("tokenizer.ggml.remove_extra_whitespaces").value_or(false)) {
        parts.normalizers.push_back(makeReplace(Regex(" {2,}"), " "));
        parts.normalizers.push_back(makeStrip(true, true));
    }
    const bool addsSpace = header.flag("tokenizer.ggml.add_space_prefix").value_or(true);
    if (addsSpace)
        parts.normalizers.push_back(makePrepend(kMark));
    MetaspaceOptions spaces;
    spaces.scheme = PrependScheme::Never; // the mark in front is there already, even before another
    parts.preTokenizers.push_back(makeMetaspace(spaces));
    parts.decoder = makeMetaspaceDecoder(0x2581, addsSpace);
    ends.frame(false, true, parts.special.eos ? parts.special.eos : std::optional<std::int64_t>(1));
    return parts;
}

/// In the file, tokens that begin a word carry SentencePiece's mark and the others nothing.
TokenizerParts readWordPiece(const GgufHeader& header, const std::string& where)
{
    TokenizerParts parts;
    Tokens tokens = readTokens(header, where);
    const std::string_view mark = kMark;
    for (std::size_t id = 0; id < tokens.texts.size(); ++id) {
        std::string& text = tokens.texts[id];
        if (text.starts_with(mark))
            text.erase(0, mark.size());
        else if (!(text.starts_with('[') && text.ends_with(']')) && tokens.types[id] != kControl)
            text.insert(0, "##");
    }
    Ends ends(header, parts);
    constexpr std::int64_t kCls = 101; // where the file does not say: those of BERT
    constexpr std::int64_t kSeparator = 102;
    constexpr std::int64_t kUnknownId = 100;
    const std::int64_t unknown = parts.special.unknown.value_or(kUnknownId);
    WordPieceOptions options;
    if (unknown >= 0 && static_cast<std::size_t>(unknown) < tokens.texts.size())
        options.unknown = tokens.texts[static_cast<std::size_t>(unknown)];
    parts.model = makeWordPiece(vocabularyOf(tokens), std::move(options));
    parts.added = std::move(tokens.added);
    parts.normalizers.push_back(makeBertNormalizer({}));
    parts.preTokenizers.push_back(makeBertPreTokenizer());
    parts.decoder = makeWordPieceDecoder("##", true);
    auto separator = ends.id("seperator"); // so the format spells it
    if (!separator)
        separator = ends.id("separator");
    const auto cls = ends.id("cls") ? ends.id("cls") : parts.special.bos;
    parts.frames = framedBy({cls.value_or(kCls)}, {separator.value_or(kSeparator)});
    parts.frames.pair.parts.erase(parts.frames.pair.parts.begin() + 3);
    return parts;
}

} // namespace

TokenizerParts readGgufTokenizer(const GgufHeader& header, const std::string& where)
{
    const std::string model(header.text("tokenizer.ggml.model").value_or(""));
    if (model.empty())
        throw Error(where + ": holds no tokenizer (tokenizer.ggml.model).",
                    "Use the model's Hugging Face folder instead.");
    if (model == "gpt2")
        return readByteLevel(header, where);
    if (model == "llama")
        return readSentencePiece(header, where);
    if (model == "t5")
        return readUnigram(header, where);
    if (model == "bert")
        return readWordPiece(header, where);
    throw Error(where + ": the tokenizer is of the kind \"" + repairedUtf8(model.substr(0, 60))
                    + "\", which is not known.",
                "Known: gpt2, llama, t5, bert. Use the model's Hugging Face folder instead.");
}

} // namespace tw
