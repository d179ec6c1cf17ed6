// SPDX-License-Identifier: Apache-2.0
// The tokenizer in a GGUF file. How its text is split before merging stands there only as a name
// (tokenizer.ggml.pre); what the names mean was taken from llama.cpp.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tensorfile/gguf.h"
#include "core/tokenizer/bpe.h"
#include "core/tokenizer/pipeline.h"

#include <array>

namespace tw {
namespace {

constexpr const char* kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

enum class Style
{
    Gpt2,
    Digits,
    Llama3,
    Llama3Plain,
    Qwen2,
    Falcon,
    Default
};

struct Named
{
    std::string_view name;
    Style style;
};
constexpr std::array<Named, 40> kStyles {{
    {"gpt-2", Style::Gpt2},        {"gpt2", Style::Gpt2},
    {"phi-2", Style::Gpt2},        {"mpt", Style::Gpt2},
    {"olmo", Style::Gpt2},         {"jais", Style::Gpt2},
    {"trillion", Style::Gpt2},     {"granite-docling", Style::Gpt2},
    {"roberta-bpe", Style::Gpt2},  {"jina-es", Style::Gpt2},
    {"jina-de", Style::Gpt2},      {"jina-v1-en", Style::Gpt2},
    {"jina-v2-es", Style::Gpt2},   {"jina-v2-de", Style::Gpt2},
    {"jina-v2-code", Style::Gpt2}, {"smollm", Style::Digits},
    {"starcoder", Style::Digits},  {"refact", Style::Digits},
    {"command-r", Style::Digits},  {"codeshell", Style::Digits},
    {"exaone", Style::Digits},     {"minerva-7b", Style::Digits},
    {"llama3", Style::Llama3},     {"llama-v3", Style::Llama3},
    {"llama-bpe", Style::Llama3},  {"falcon3", Style::Llama3},
    {"falcon-h1", Style::Llama3},  {"pixtral", Style::Llama3},
    {"midm-2.0", Style::Llama3},   {"lfm2", Style::Llama3},
    {"dbrx", Style::Llama3Plain},  {"smaug-bpe", Style::Llama3Plain},
    {"qwen2", Style::Qwen2},       {"deepseek-r1-qwen", Style::Qwen2},
    {"stablelm2", Style::Qwen2},   {"hunyuan", Style::Qwen2},
    {"megrez", Style::Qwen2},      {"kormo", Style::Qwen2},
    {"falcon", Style::Falcon},     {"default", Style::Default},
}};

Style styleOf(std::string_view name, const std::string& where)
{
    std::string known;
    for (const Named& entry : kStyles) {
        if (entry.name == name)
            return entry.style;
        (known += known.empty() ? "" : ", ") += entry.name;
    }
    throw Error(where + ": the pre-tokenizer \"" + repairedUtf8(name.substr(0, 60))
                    + "\" (tokenizer.ggml.pre) is not known.",
                "Known: " + known
                    + ". Use the model's Hugging Face folder with its tokenizer.json instead.");
}

std::vector<std::string> patternsOf(Style style)
{
    switch (style) {
    case Style::Gpt2:
        return {gpt2Pattern()};
    case Style::Digits:
        return {R"(\p{N})", gpt2Pattern()};
    case Style::Llama3:
    case Style::Llama3Plain:
        return {kLlama3};
    case Style::Qwen2:
        return {kQwen2};
    case Style::Falcon:
        return {R"([\p{P}\$\+<=>\^~\|`]+)", gpt2Pattern(), "[0-9][0-9][0-9]"};
    case Style::Default:
        return {R"([\p{P}\$\+<=>\^~\|]+)", gpt2Pattern(), R"(\p{N}+)", "[0-9][0-9][0-9]"};
    }
    return {};
}

enum TokenType : std::int64_t
{
    kUnknown = 2,
    kControl = 3,
    kUserDefined = 4
};

/// Adds the tokens that are looked for in the text to `added`.
Vocabulary
readTokens(const GgufHeader& header, const std::string& where, std::vector<AddedToken>& added)
{
    constexpr const char* kHint = "Convert the model again with a current llama.cpp.";
    const auto tokens = header.texts("tokenizer.ggml.tokens");
    if (!tokens || tokens->empty())
        throw Error(where + ": has no vocabulary (tokenizer.ggml.tokens).", kHint);
    if (tokens->size() > Vocabulary::kMaxTokens)
        throw Error(where + ": tokenizer.ggml.tokens holds " + std::to_string(tokens->size())
                        + " tokens; at most " + groupedDigits(Vocabulary::kMaxTokens)
                        + " are read.",
                    kHint);
    const auto types = header.integers("tokenizer.ggml.token_type");
    if (types && types->size() != tokens->size())
        throw Error(where + ": tokenizer.ggml.token_type has " + std::to_string(types->size())
                        + " entries for " + std::to_string(tokens->size()) + " tokens.",
                    kHint);
    Vocabulary vocabulary;
    for (std::uint32_t id = 0; id < tokens->size(); ++id) {
        const std::string text = repairedUtf8((*tokens)[id]);
        vocabulary.add(text, id); // a text that is there twice keeps its first id
        const std::int64_t type = types ? (*types)[id] : 0;
        if (!text.empty() && (type == kUnknown || type == kControl || type == kUserDefined))
            added.push_back({text, id, type != kUserDefined, false, false, false, false});
    }
    return vocabulary;
}

MergeList readMerges(const GgufHeader& header, const std::string& where)
{
    MergeList list;
    const auto merges = header.texts("tokenizer.ggml.merges");
    if (!merges)
        throw Error(where + ": has no merges (tokenizer.ggml.merges).",
                    "Convert the model again with a current llama.cpp.");
    for (std::size_t i = 0; i < merges->size(); ++i) {
        const std::string text = repairedUtf8((*merges)[i]);
        const auto space = text.find(' ', 1); // a token may begin with a space
        if (space == std::string::npos)
            throw Error(where + ": tokenizer.ggml.merges: merge " + std::to_string(i + 1)
                            + " is no pair of texts.",
                        "Convert the model again with a current llama.cpp.");
        list.add(std::string_view(text).substr(0, space), std::string_view(text).substr(space + 1));
    }
    return list;
}

} // namespace

TokenizerParts readGgufTokenizer(const GgufHeader& header, const std::string& where)
{
    const std::string model(header.text("tokenizer.ggml.model").value_or(""));
    if (model.empty())
        throw Error(where + ": holds no tokenizer (tokenizer.ggml.model).",
                    "Use the model's Hugging Face folder instead.");
    if (model != "gpt2")
        throw Error(
            where + ": the tokenizer is of the kind \"" + repairedUtf8(model.substr(0, 60))
                + "\", not \"gpt2\" (byte-level BPE).",
            "Only byte-level BPE (GPT-2, Llama 3, Qwen, SmolLM and their like) can be used here.");
    TokenizerParts parts;
    const Style style = styleOf(header.text("tokenizer.ggml.pre").value_or("default"), where);
    for (const std::string& pattern : patternsOf(style))
        parts.preTokenizers.push_back(makeSplit(Regex(pattern), SplitBehaviour::Isolated));
    BpeOptions options;
    options.isByteLevel = true;
    options.ignoresMerges = style == Style::Llama3;
    Vocabulary vocabulary = readTokens(header, where, parts.added);
    parts.model = std::make_unique<Bpe>(std::move(vocabulary), readMerges(header, where),
                                        std::move(options), where);
    parts.decoder = makeByteLevelDecoder();
    const auto id = [&](const char* name) {
        return header.integer(std::string("tokenizer.ggml.") + name + "_token_id");
    };
    parts.special = {id("bos"), id("eos"), id("padding"), id("unknown")};
    std::vector<std::int64_t> before;
    std::vector<std::int64_t> behind;
    if (parts.special.bos
        && header.flag("tokenizer.ggml.add_bos_token").value_or(style == Style::Llama3))
        before.push_back(*parts.special.bos);
    if (parts.special.eos && header.flag("tokenizer.ggml.add_eos_token").value_or(false))
        behind.push_back(*parts.special.eos);
    parts.frames = framedBy(before, behind);
    return parts;
}

} // namespace tw
