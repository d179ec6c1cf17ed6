// SPDX-License-Identifier: Apache-2.0
// How text is split before merging stands in a GGUF file only as a name; what the names mean is
// what llama.cpp does, with the original expression of a model where llama.cpp had to bend it.
#include "core/tokenizer/gguf_patterns.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/pre_tokenizer.h"

#include <array>

namespace tw {
namespace {

enum class Style
{
    Default,
    Gpt2,
    Digits,
    Llama3,
    Llama3Plain,
    Jais2,
    Qwen2,
    Qwen35,
    Ufakzeka,
    Laguna,
    Bailing,
    SeedCoder,
    ExaoneMoe,
    Falcon,
    Bloom,
    Viking,
    ChatGlm,
    Glm4,
    Tekken,
    Gpt4o,
    GraniteEmbedding,
    TinyAya,
    KimiK2,
    SuperBpe,
    Chameleon,
    DeepSeekCoder,
    DeepSeek3
};

struct Named
{
    std::string_view name;
    Style style;
};
constexpr std::array kStyles = std::to_array<Named>({
    {"default", Style::Default},
    {"gpt-2", Style::Gpt2},
    {"gpt2", Style::Gpt2},
    {"phi-2", Style::Gpt2},
    {"mpt", Style::Gpt2},
    {"olmo", Style::Gpt2},
    {"jais", Style::Gpt2},
    {"trillion", Style::Gpt2},
    {"granite-docling", Style::Gpt2},
    {"roberta-bpe", Style::Gpt2},
    {"jina-es", Style::Gpt2},
    {"jina-de", Style::Gpt2},
    {"jina-v1-en", Style::Gpt2},
    {"jina-v2-es", Style::Gpt2},
    {"jina-v2-de", Style::Gpt2},
    {"jina-v2-code", Style::Gpt2},
    {"gigachat", Style::Gpt2},
    {"a.x-4.0", Style::Gpt2},
    {"mellum", Style::Gpt2},
    {"modern-bert", Style::Gpt2},
    {"exaone4", Style::Gpt2},
    {"smollm", Style::Digits},
    {"starcoder", Style::Digits},
    {"refact", Style::Digits},
    {"command-r", Style::Digits},
    {"codeshell", Style::Digits},
    {"exaone", Style::Digits},
    {"minerva-7b", Style::Digits},
    {"mellum2", Style::Digits},
    {"llama3", Style::Llama3},
    {"llama-v3", Style::Llama3},
    {"llama-bpe", Style::Llama3},
    {"falcon3", Style::Llama3},
    {"falcon-h1", Style::Llama3},
    {"pixtral", Style::Llama3},
    {"midm-2.0", Style::Llama3},
    {"lfm2", Style::Llama3},
    {"jina-v5-nano", Style::Llama3},
    {"dbrx", Style::Llama3Plain},
    {"smaug-bpe", Style::Llama3Plain},
    {"jais-2", Style::Jais2},
    {"qwen2", Style::Qwen2},
    {"deepseek-r1-qwen", Style::Qwen2},
    {"stablelm2", Style::Qwen2},
    {"hunyuan", Style::Qwen2},
    {"megrez", Style::Qwen2},
    {"kormo", Style::Qwen2},
    {"f2llmv2", Style::Qwen2},
    {"solar-open", Style::Qwen2},
    {"grok-2", Style::Qwen2},
    {"qwen35", Style::Qwen35},
    {"ufakzeka", Style::Ufakzeka},
    {"laguna", Style::Laguna},
    {"bailingmoe", Style::Bailing},
    {"bailingmoe2", Style::Bailing},
    {"llada-moe", Style::Bailing},
    {"seed-coder", Style::SeedCoder},
    {"exaone-moe", Style::ExaoneMoe},
    {"falcon", Style::Falcon},
    {"poro-chat", Style::Bloom},
    {"bloom", Style::Bloom},
    {"gpt3-finnish", Style::Bloom},
    {"viking", Style::Viking},
    {"chatglm-bpe", Style::ChatGlm},
    {"glm4", Style::Glm4},
    {"glm5", Style::Glm4},
    {"tekken", Style::Tekken},
    {"gpt-4o", Style::Gpt4o},
    {"llama4", Style::Gpt4o},
    {"kanana2", Style::Gpt4o},
    {"talkie", Style::Gpt4o},
    {"minimax-m2", Style::Gpt4o},
    {"granite-embed-multi-97m", Style::GraniteEmbedding},
    {"tiny_aya", Style::TinyAya},
    {"cohere2moe", Style::TinyAya},
    {"kimi-k2", Style::KimiK2},
    {"superbpe", Style::SuperBpe},
    {"chameleon", Style::Chameleon},
    {"deepseek-coder", Style::DeepSeekCoder},
    {"deepseek-v3", Style::DeepSeek3},
    {"hunyuan-dense", Style::DeepSeek3},
    {"joyai-llm", Style::DeepSeek3},
    {"hy_v4", Style::DeepSeek3},
});

// Parts that many expressions share.
const std::string kShort = R"((?i:'s|'t|'re|'ve|'m|'ll|'d))"; // contractions
const std::string kWord = R"([^\r\n\p{L}\p{N}]?\p{L}+)";
const std::string kUpTo3 = R"(\p{N}{1,3})";
const std::string kOther = R"( ?[^\s\p{L}\p{N}]+[\r\n]*)";
const std::string kOtherSlash = R"( ?[^\s\p{L}\p{N}]+[\r\n/]*)";
const std::string kBlanks = R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
const std::string kUpper = R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])";
const std::string kLower = R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])";
const std::string kBloom = " ?[^(\\s|.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C)]+";
const std::string kHan = "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";

/// Words that go from capitals to small letters: "Camel", "CASE".
std::string camelWords(const std::string& ending)
{
    const std::string before = R"([^\r\n\p{L}\p{N}]?)";
    return before + kUpper + "*" + kLower + "+" + ending + "|" + before + kUpper + "+" + kLower
        + "*" + ending;
}

std::string gpt4o()
{
    return camelWords(kShort + "?") + "|" + kUpTo3 + "|" + kOtherSlash + "|" + kBlanks;
}

/// As GPT-4o's, but Chinese stands by itself.
std::string kimiK2()
{
    const std::string before = R"([^\r\n\p{L}\p{N}]?)";
    const std::string upper = R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]])";
    const std::string lower = R"([\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]])";
    return R"(\p{Han}+|)" + before + upper + "*" + lower + "+" + kShort + "?|" + before + upper
        + "+" + lower + "*" + kShort + "?|" + kUpTo3 + "|" + kOther + "|" + kBlanks;
}

std::string qwen2()
{
    return kShort + "|" + kWord + R"(|\p{N}|)" + kOther + "|" + kBlanks;
}

std::string llama3()
{
    return kShort + "|" + kWord + "|" + kUpTo3 + "|" + kOther + "|" + kBlanks;
}

std::vector<std::string> deepSeek3()
{
    return {
        kUpTo3, kHan,
        R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
        R"(| ?[\p{P}\p{S}]+[\r\n]*|)"
            + kBlanks};
}

std::vector<std::string> patternsOf(Style style)
{
    const std::string gpt2 = gpt2Pattern();
    switch (style) {
    case Style::Gpt2:
        return {gpt2};
    case Style::Digits:
        return {R"(\p{N})", gpt2};
    case Style::Llama3:
    case Style::Llama3Plain:
    case Style::ChatGlm:
    case Style::Glm4:
        return {llama3()};
    case Style::Jais2: // blanks in lengths of powers of two
        return {
            kShort + "|" + kWord + "|" + kUpTo3 + "|" + kOther
            + R"(|\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|\s{32}(?!\S))"
              R"(|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1})"};
    case Style::Qwen2:
        return {qwen2()};
    case Style::Qwen35:
        return {kShort + R"(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)"
                + kBlanks};
    case Style::Ufakzeka:
        return {kWord + R"(|\p{N}|)" + kOther + "|" + kBlanks};
    case Style::Laguna:
        return {R"([^\n]+|[\n]+)", qwen2()};
    case Style::Bailing:
        return {R"('(?i:[sdmt]|ll|ve|re)|)" + kWord + R"(|\p{N}|)" + kOther
                + R"(|\s*[\r\n]|\s+(?!\S)|\s+)"};
    case Style::SeedCoder:
        return {kShort + "|" + kWord + R"(|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|)" + kBlanks};
    case Style::ExaoneMoe:
        return {
            kShort
            + R"(|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?)"
              R"(|\s*[\r\n]|\s+(?!\S)|\s+)"};
    case Style::Falcon:
        return {R"([\p{P}\$\+<=>\^~\|`]+)", gpt2, "[0-9][0-9][0-9]"};
    case Style::Bloom:
        return {kBloom};
    case Style::Viking:
        return {kBloom, R"(\p{N})"};
    case Style::Tekken:
        return {camelWords("") + R"(|\p{N}|)" + kOtherSlash + "|" + kBlanks};
    case Style::Gpt4o:
    case Style::GraniteEmbedding:
        return {gpt4o()};
    case Style::TinyAya:
        return {R"(\d{1,3}(?=(?:\d{3})*\b))", gpt4o()};
    case Style::KimiK2:
        return {kimiK2()};
    case Style::SuperBpe:
        return {R"(\p{N}+)", R"((?=(\d{3})+(?!\d)))"};
    case Style::Chameleon:
        return {"<sentinel:[0-9]+>",       "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z",
                "([\\t\\n]|    |  )",      R"(\p{N})",
                R"([\p{P}!-/:-@\[-`{-~])", gpt2};
    case Style::DeepSeekCoder:
        return {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)",
                "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+", R"(\p{N})"};
    case Style::DeepSeek3:
        return deepSeek3();
    case Style::Default:
        return {R"([\p{P}\$\+<=>\^~\|]+)", gpt2, R"(\p{N}+)", "[0-9][0-9][0-9]"};
    }
    return {};
}

} // namespace

GgufPattern ggufPattern(std::string_view name, const std::string& where)
{
    std::string known;
    for (const Named& entry : kStyles) {
        if (entry.name == name) {
            const Style style = entry.style;
            const bool staysWhole = style == Style::Llama3 || style == Style::Tekken;
            return {patternsOf(style),
                    staysWhole || style == Style::Glm4 || style == Style::GraniteEmbedding,
                    staysWhole || style == Style::Chameleon};
        }
        (known += known.empty() ? "" : ", ") += entry.name;
    }
    throw Error(where + ": the pre-tokenizer \"" + repairedUtf8(name.substr(0, 60))
                    + "\" (tokenizer.ggml.pre) is not known.",
                "Known: " + known
                    + ". Use the model's Hugging Face folder with its tokenizer.json instead.");
}

} // namespace tw
