// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/gguf_vocabulary.h"

#include "core/tokenizer/gguf_token_list.h"
#include "core/tokenizer/pipeline.h"
#include "core/tokenizer/sentencepiece_conventions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace tw {
namespace {

namespace fs = std::filesystem;

/// Names of tokenizer.ggml.pre, the usual ones first; those that mean the same are left out.
constexpr std::array kPre {"gpt-2",
                           "smollm",
                           "llama-bpe",
                           "qwen2",
                           "dbrx",
                           "tekken",
                           "gpt-4o",
                           "deepseek-v3",
                           "falcon",
                           "deepseek-coder",
                           "seed-coder",
                           "exaone-moe",
                           "qwen35",
                           "bloom",
                           "viking",
                           "chatglm-bpe",
                           "granite-embed-multi-97m",
                           "default"};

/// What pre-tokenizers cut in different ways: digits in runs, contractions, capitals, marks, lines,
/// blanks, scripts without blanks, and symbols of several code points.
constexpr std::array kProbes {
    "Hello World, it's a test: don't we'LL 've I'M you'd THEY'RE!",
    "1 22 333 4444 55555 666666 3.14159 1,234,567 0x1F 7th v2.0",
    "camelCase HTTPServer snake_case_name __init__ fooBar2000 (x) => {y[0]};",
    "a  b   c    d\t\te\n\nf\r\ng   \n  h\n\n\n   ",
    "-- ... !!! ??? /path/to/file.txt #tag @user $5 50% a/b\n//comment\n",
    "Größe naïve façade Ünïcödé ÀÉÎ straße",
    "日本語のテキスト 中文文本。한국어 텍스트 ไทย العربية हिन्दी русский ελληνικά",
    "🚀 😶‍🌫️ 👩‍👩‍👧 ✅ £€¥ ½ ² Ⅷ ٣٤٥ ００１",
    " leading, trailing \u00a0 nbsp \u3000 wide",
    "x=1+2*3<4>=5!=6&&7||8^9~`'\"quoted\"'s"};

/// Of the file that the folder's tokenizer is read from; nothing where there is none.
std::optional<GgufTokenList> tokensIn(const fs::path& folder, std::int64_t modelSize)
{
    const auto size = [&] { return std::max(modelSize, openTokenizer(folder)->vocabularySize()); };
    if (fs::exists(folder / "tokenizer.json"))
        return ggufTokensOfJson(folder / "tokenizer.json", size());
    if (const fs::path model = sentencePieceIn(folder); !model.empty())
        return ggufTokensOfSentencePiece(model, size());
    if (fs::exists(folder / "vocab.json"))
        return ggufTokensOfMerges(folder, size());
    if (fs::exists(folder / "vocab.txt"))
        GgufTokenList(folder / "vocab.txt", size())
            .refuse("the tokenizer is no BPE, the only kind that is written to GGUF.");
    return std::nullopt;
}

void addEnds(GgufFields& fields, const Tokenizer& tokenizer, bool isByteLevel)
{
    const auto add = [&](const char* key, std::optional<std::int64_t> id) {
        if (id && *id >= 0)
            fields.emplace_back(std::string("tokenizer.ggml.") + key,
                                static_cast<std::uint32_t>(*id));
    };
    const auto framed = tokenizer.encode("word", true).ids;
    const auto bare = tokenizer.encode("word", false).ids;
    const bool isLonger = framed.size() > bare.size();
    SpecialTokens special = tokenizer.specialTokens();
    if (isLonger && !special.bos && !bare.empty() && framed.front() != bare.front())
        special.bos = framed.front(); // named nowhere, but put there
    if (isLonger && !special.eos && !bare.empty() && framed.back() != bare.back())
        special.eos = framed.back();
    add("bos_token_id", special.bos);
    add("eos_token_id", special.eos);
    add("unknown_token_id", special.unknown);
    add("padding_token_id", special.pad);
    fields.emplace_back("tokenizer.ggml.add_bos_token",
                        isLonger && special.bos && framed.front() == *special.bos);
    fields.emplace_back("tokenizer.ggml.add_eos_token",
                        isLonger && special.eos && framed.back() == *special.eos);
    if (!isByteLevel)
        fields.emplace_back("tokenizer.ggml.add_space_prefix",
                            !bare.empty()
                                && tokenizer.tokenText(bare.front()).starts_with("\u2581"));
}

bool givesTheSame(const Tokenizer& one, const Tokenizer& other)
{
    return std::all_of(kProbes.begin(), kProbes.end(), [&](const char* text) {
        return one.encode(text, true).ids == other.encode(text, true).ids;
    });
}

/// The tokenizer that a GGUF file with these fields has.
std::shared_ptr<const Tokenizer> tokenizerWith(const GgufFields& fields)
{
    const std::string bytes = ggufWithoutTensors(fields);
    const std::string where = "the exported tokenizer";
    const GgufHeader header(std::as_bytes(std::span(bytes)), where);
    return makeTokenizer(readGgufTokenizer(header, where), where);
}

} // namespace

GgufFields ggufTokenizerFields(const fs::path& folder, std::int64_t vocabularySize)
{
    const auto list = tokensIn(folder, vocabularySize);
    if (!list) // llama.cpp's word for it; ids can be read, texts cannot
        return {{"tokenizer.ggml.model", std::string("none")}};
    const auto tokenizer = openTokenizer(folder);
    GgufFields fields = list->fields();
    addEnds(fields, *tokenizer, list->isByteLevel);
    if (!list->isByteLevel) {
        fields.emplace_back("tokenizer.ggml.pre", std::string("default"));
        if (givesTheSame(*tokenizer, *tokenizerWith(fields)))
            return fields;
    } else {
        fields.emplace_back("tokenizer.ggml.pre", std::string());
        for (const char* name : kPre) {
            fields.back().second = std::string(name);
            if (givesTheSame(*tokenizer, *tokenizerWith(fields)))
                return fields;
        }
    }
    list->refuse("GGUF knows no way of splitting text that gives the ids of this tokenizer.");
}

} // namespace tw
