// SPDX-License-Identifier: Apache-2.0
// The vocabularies of before tokenizer.json, put together as Transformers converts its slow
// tokenizers (convert_slow_tokenizer.py).
#include "core/tokenizer/vocabulary_files.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/bpe.h"
#include "core/tokenizer/code_points.h"
#include "core/tokenizer/tokenizer_config.h"
#include "core/tokenizer/tokenizer_events.h"

#include <algorithm>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestToken = 4096; // bytes
constexpr std::size_t kMaxVocabulary = 64'000'000; // the largest known has 8 MB

constexpr const char* kClip = R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";
constexpr const char* kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr std::string_view kLikeBert =
    "BertTokenizer, DistilBertTokenizer, ElectraTokenizer, MobileBertTokenizer, "
    "SqueezeBertTokenizer, LayoutLMTokenizer, ConvBertTokenizer, LxmertTokenizer, "
    "RetriBertTokenizer, DPRContextEncoderTokenizer, DPRQuestionEncoderTokenizer, "
    "DPRReaderTokenizer, MPNetTokenizer";
constexpr std::string_view kLikeGpt2 =
    "GPT2Tokenizer, RobertaTokenizer, BartTokenizer, LongformerTokenizer, LEDTokenizer, "
    "CLIPTokenizer, Qwen2Tokenizer";

/// Throws Error where the configuration names a class that is not in the list: it might treat the
/// files in another way, and nobody would notice.
void checkClass(const TokenizerConfig& config, std::string_view known, const std::string& files)
{
    const std::string name = config.className();
    if (name.empty() || (std::string(known) + ",").find(name + ",") != std::string::npos)
        return;
    throw Error(config.where() + ": the tokenizer_class " + name.substr(0, 60)
                    + " is not known for " + files + ".",
                "Known: " + std::string(known)
                    + ". For others, load the tokenizer with Transformers and save it with "
                      "save_pretrained, which writes tokenizer.json.");
}

/// Calls visit(line) for each line; a line break at the end begins no other one.
template <typename Visit>
void forEachLine(std::string_view text, Visit visit)
{
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        visit(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

/// Adds special tokens as they are named, and whatever else the configuration adds.
class Tokens
{
public:
    Tokens(const TokenizerConfig& config, TokenizerParts& parts, bool areNormalized = false)
        : m_config(config)
        , m_parts(parts)
        , m_areNormalized(areNormalized)
    {
        for (const auto& [id, token] : config.addedTokens())
            parts.added.push_back(token);
    }
    /// The id of "cls_token"; otherwise: its text where the configuration has none, empty for none.
    std::optional<std::int64_t> named(const char* key, const char* otherwise)
    {
        std::optional<AddedToken> byDefault;
        if (*otherwise != '\0')
            byDefault = specialToken(otherwise);
        if (byDefault && byDefault->content == "<mask>")
            byDefault->stripsLeft = true;
        const auto token = m_config.token(key, byDefault);
        if (!token)
            return std::nullopt;
        return add(*token);
    }
    void addAdditional()
    {
        for (const AddedToken& token : m_config.additionalSpecialTokens())
            add(token);
    }

private:
    std::int64_t add(AddedToken token)
    {
        std::int64_t end = m_parts.model->vocabulary().endId();
        for (const AddedToken& there : m_parts.added) {
            if (there.content == token.content)
                return there.id;
            end = std::max(end, std::int64_t {there.id} + 1);
        }
        const auto id = m_parts.model->vocabulary().find(token.content);
        token.id = id.value_or(static_cast<std::uint32_t>(end));
        token.isNormalized = m_areNormalized;
        m_parts.added.push_back(std::move(token));
        return m_parts.added.back().id;
    }

    const TokenizerConfig& m_config;
    TokenizerParts& m_parts;
    bool m_areNormalized; ///< CLIP's are looked for in the text in lower case
};

/// <s> A </s></s> B </s>, all of type 0.
PostProcessor robertaFrames(std::int64_t cls, std::int64_t separator)
{
    PostProcessor frames = framedBy({cls}, {separator});
    frames.pair.parts[3].id = separator;
    for (Frame::Part& part : frames.pair.parts)
        part.typeId = 0;
    return frames;
}

MergeList mergesOf(const fs::path& file)
{
    const std::string text = readFile(file, kMaxVocabulary);
    MergeList merges;
    std::size_t number = 0;
    forEachLine(text, [&](std::string_view line) {
        ++number;
        if (line.empty() || line.starts_with("#version"))
            return;
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos
            || !isUtf8(line))
            throw Error(file.string() + " line " + std::to_string(number)
                            + ": a merge is two tokens with one space between them.",
                        "Download the tokenizer again.");
        merges.add(line.substr(0, space), line.substr(space + 1));
    });
    return merges;
}

void finishBert(Tokens& tokens, TokenizerParts& parts)
{
    parts.special.unknown = tokens.named("unk_token", "[UNK]");
    const auto separator = tokens.named("sep_token", "[SEP]");
    parts.special.pad = tokens.named("pad_token", "[PAD]");
    const auto cls = tokens.named("cls_token", "[CLS]");
    tokens.named("mask_token", "[MASK]");
    if (cls && separator) {
        parts.frames = framedBy({*cls}, {*separator});
        parts.frames.pair.parts.erase(parts.frames.pair.parts.begin() + 3);
    }
}

void finishGpt2(const TokenizerConfig& config, Tokens& tokens, TokenizerParts& parts)
{
    parts.special.bos = tokens.named("bos_token", "<|endoftext|>");
    parts.special.eos = tokens.named("eos_token", "<|endoftext|>");
    parts.special.unknown = tokens.named("unk_token", "<|endoftext|>");
    parts.special.pad = tokens.named("pad_token", "");
    if (config.flag("add_bos_token", false) && parts.special.bos) {
        parts.frames = framedBy({*parts.special.bos}, {});
        parts.frames.pair.parts.erase(parts.frames.pair.parts.begin() + 2);
    }
}

void finishRoberta(Tokens& tokens, TokenizerParts& parts, const char* unknown = "<unk>")
{
    parts.special.bos = tokens.named("bos_token", "<s>");
    parts.special.eos = tokens.named("eos_token", "</s>");
    parts.special.unknown = tokens.named("unk_token", unknown);
    const auto separator = tokens.named("sep_token", "</s>");
    parts.special.pad = tokens.named("pad_token", "<pad>");
    const auto cls = tokens.named("cls_token", "<s>");
    tokens.named("mask_token", "<mask>");
    if (cls && separator)
        parts.frames = robertaFrames(*cls, *separator);
}

void finishClip(Tokens& tokens, TokenizerParts& parts)
{
    parts.special.bos = tokens.named("bos_token", "<|startoftext|>");
    parts.special.eos = tokens.named("eos_token", "<|endoftext|>");
    parts.special.unknown = tokens.named("unk_token", "<|endoftext|>");
    parts.special.pad = tokens.named("pad_token", "<|endoftext|>");
    if (parts.special.bos && parts.special.eos) {
        parts.frames = framedBy({*parts.special.bos}, {*parts.special.eos});
        parts.frames.pair = robertaFrames(*parts.special.bos, *parts.special.eos).pair;
    }
}

void finishQwen2(Tokens& tokens, TokenizerParts& parts)
{
    parts.special.bos = tokens.named("bos_token", "");
    parts.special.eos = tokens.named("eos_token", "<|endoftext|>");
    parts.special.unknown = tokens.named("unk_token", "<|endoftext|>");
    parts.special.pad = tokens.named("pad_token", "<|endoftext|>");
}

/// Ends of words become spaces, but none is left at the text's ends.
std::string clipText(std::string text)
{
    return strippedLikePython(makeReplaceDecoder("</w>", " ")->bytesOf(std::move(text)));
}

void addClipSteps(TokenizerParts& parts)
{
    parts.normalizers.push_back(makeNormalForm(NormalForm::Nfc));
    parts.normalizers.push_back(makeReplace(Regex(R"(\s+)"), " "));
    parts.normalizers.push_back(makeLowercase());
    parts.preTokenizers.push_back(makeSplit(Regex(kClip), SplitBehaviour::Removed, true));
    parts.preTokenizers.push_back(makeByteLevel(false, true));
    parts.preTokenizers.push_back(makeBytePieces());
}

} // namespace

Vocabulary readVocabulary(const fs::path& file)
{
    const std::string where = file.string();
    // As the model of a tokenizer.json: the same checks, the same care for memory.
    std::string document = R"({"model":{"vocab":)";
    document += readFile(file, kMaxVocabulary);
    document += "}}";
    TokenizerEvents events(where);
    parseJsonEvents(document, where, events);
    if (!events.hasVocabulary)
        throw Error(where + ": is no object of tokens and their ids.",
                    "Download the tokenizer again.");
    return std::move(events.vocabulary);
}

TokenizerParts readVocabTxt(const fs::path& folder)
{
    const std::string where = (folder / "vocab.txt").string();
    const std::string text = readFile(folder / "vocab.txt", kMaxVocabulary);
    if (!isUtf8(text))
        throw Error(where + ": is not UTF-8.", "Download the tokenizer again.");
    Vocabulary vocabulary;
    std::uint32_t id = 0;
    forEachLine(text, [&](std::string_view line) {
        if (id >= Vocabulary::kMaxTokens)
            throw Error(where + ": has more than " + groupedDigits(Vocabulary::kMaxTokens)
                            + " lines; no vocabulary is that large.",
                        "Check whether this is the right file.");
        if (line.size() > kLongestToken)
            throw Error(where + " line " + std::to_string(id + 1) + ": is "
                            + bytesInWords(line.size()) + " long; no token is.",
                        "Check whether this is the right file.");
        vocabulary.put(line, id++);
    });
    if (id == 0)
        throw Error(where + ": is empty.", "Download the tokenizer again.");
    const TokenizerConfig config(folder);
    checkClass(config, kLikeBert, "vocab.txt");
    TokenizerParts parts;
    WordPieceOptions options;
    const auto unknown = config.token("unk_token", specialToken(options.unknown));
    options.unknown = unknown ? unknown->content : options.unknown;
    parts.model = makeWordPiece(std::move(vocabulary), std::move(options));
    BertNormalizerOptions normal;
    normal.lowers = config.flag("do_lower_case", true);
    normal.stripsAccents = config.flag("strip_accents", normal.lowers);
    normal.spacesChinese = config.flag("tokenize_chinese_chars", true);
    parts.normalizers.push_back(makeBertNormalizer(normal));
    parts.preTokenizers.push_back(makeBertPreTokenizer());
    parts.decoder = makeWordPieceDecoder("##", true);
    if (config.flag("clean_up_tokenization_spaces", true))
        parts.finishing.push_back(cleanedUpText);
    Tokens tokens(config, parts);
    if (config.className() == "MPNetTokenizer")
        finishRoberta(tokens, parts, "[UNK]");
    else
        finishBert(tokens, parts);
    tokens.addAdditional();
    return parts;
}

TokenizerParts readVocabAndMerges(const fs::path& folder)
{
    const TokenizerConfig config(folder);
    const std::string name = config.className();
    const bool isClip = name == "CLIPTokenizer";
    const bool isRoberta = name == "RobertaTokenizer" || name == "BartTokenizer"
        || name == "LongformerTokenizer" || name == "LEDTokenizer";
    const bool isQwen2 = name == "Qwen2Tokenizer";
    checkClass(config, kLikeGpt2, "vocab.json and merges.txt");
    TokenizerParts parts;
    BpeOptions options;
    options.isByteLevel = !isClip;
    if (isClip) {
        options.suffix = "</w>";
        const auto unknown = config.token("unk_token", specialToken("<|endoftext|>"));
        options.unknown = unknown ? unknown->content : "";
    }
    parts.model = std::make_unique<Bpe>(readVocabulary(folder / "vocab.json"),
                                        mergesOf(folder / "merges.txt"), std::move(options),
                                        (folder / "merges.txt").string());
    parts.decoder = makeByteLevelDecoder();
    if (isClip) {
        addClipSteps(parts);
        parts.finishing.push_back(clipText);
    } else if (isQwen2) {
        parts.normalizers.push_back(makeNormalForm(NormalForm::Nfc));
        parts.preTokenizers.push_back(makeSplit(Regex(kQwen2), SplitBehaviour::Isolated));
    } else {
        parts.preTokenizers.push_back(makeByteLevel(config.flag("add_prefix_space", false), true));
    }
    Tokens tokens(config, parts, isClip);
    if (isClip)
        finishClip(tokens, parts);
    else if (isRoberta)
        finishRoberta(tokens, parts);
    else if (isQwen2)
        finishQwen2(tokens, parts);
    else
        finishGpt2(config, tokens, parts);
    tokens.addAdditional();
    return parts;
}

void finishAsConfigured(const fs::path& folder, TokenizerParts& parts)
{
    const TokenizerConfig config(folder);
    if (config.className() == "CLIPTokenizer")
        parts.finishing.push_back(clipText);
    if (config.flag("clean_up_tokenization_spaces", false))
        parts.finishing.push_back(cleanedUpText);
}

} // namespace tw
