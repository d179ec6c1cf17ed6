// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/gguf_vocabulary.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokenizer/pipeline.h"
#include "core/tokenizer/tokenizer_events.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTokenizer = 256'000'000; // as it is read
constexpr std::int64_t kMostTokens = 10'000'000;
constexpr const char* kInstead =
    "Export it as a Hugging Face folder, with its tokenizer beside it.";

// tokenizer.ggml.token_type
constexpr std::int32_t kNormal = 1;
constexpr std::int32_t kUnknown = 2;
constexpr std::int32_t kControl = 3;
constexpr std::int32_t kUserDefined = 4;
constexpr std::int32_t kUnused = 5;
constexpr std::int32_t kByte = 6;

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

[[noreturn]] void refuse(const fs::path& file, const std::string& what)
{
    throw Error(file.string() + ": " + what, kInstead);
}

Json parsed(const fs::path& file, const std::string& where, TokenizerEvents& events)
{
    parseJsonEvents(readFile(file, kMaxTokenizer), where, events);
    return std::move(events.rest);
}

/// The lists of one tokenizer.json while they are gathered.
class VocabularyLists
{
public:
    VocabularyLists(const fs::path& folder, std::int64_t size)
        : m_file(folder / "tokenizer.json")
        , m_where(m_file.string())
        , m_events(m_where)
        , m_json(parsed(m_file, m_where, m_events))
        , m_model(part(m_json, "model"))
        , m_size(size)
    {
        if (!m_model.is_object() || m_model.value("type", Json("BPE")) != "BPE"
            || !m_events.hasVocabulary)
            refuse(m_file, "the tokenizer is no BPE, the only kind that is written to GGUF.");
        m_isByteLevel =
            usesByteLevel(part(m_json, "pre_tokenizer")) || usesByteLevel(part(m_json, "decoder"));
        if (!m_isByteLevel && part(m_model, "byte_fallback") != true)
            refuse(m_file, "the BPE works neither on bytes nor falls back to them.");
        addTokens();
    }

    bool isByteLevel() const { return m_isByteLevel; }

    GgufFields fields() const
    {
        GgufFields all;
        all.emplace_back("tokenizer.ggml.model", std::string(m_isByteLevel ? "gpt2" : "llama"));
        all.emplace_back("tokenizer.ggml.tokens", GgufList(m_texts));
        all.emplace_back("tokenizer.ggml.token_type", GgufList(m_types));
        if (m_isByteLevel)
            all.emplace_back("tokenizer.ggml.merges", GgufList(merges()));
        else
            all.emplace_back("tokenizer.ggml.scores", GgufList(scores()));
        return all;
    }

private:
    std::size_t place(const Json& id) const
    {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0
            || id.get<std::int64_t>() >= static_cast<std::int64_t>(m_texts.size()))
            refuse(m_file,
                   "the id " + id.dump() + " is none of the model's "
                       + std::to_string(m_texts.size()) + " tokens.");
        return static_cast<std::size_t>(id.get<std::int64_t>());
    }

    void addTokens()
    {
        if (m_size < 1 || m_size > kMostTokens)
            refuse(m_file, "the model has " + std::to_string(m_size) + " tokens.");
        for (std::int64_t id = 0; id < m_size; ++id)
            m_texts.push_back("[PAD" + std::to_string(id) + "]");
        m_types.assign(m_texts.size(), kUnused);
        const Json unknown = part(m_model, "unk_token");
        m_events.vocabulary.forEach([&](std::string_view text, std::int64_t id) {
            const std::size_t at = place(id);
            const bool isByte = !m_isByteLevel && text.size() == 6 && text.starts_with("<0x");
            m_texts[at] = text;
            m_types[at] = isByte ? kByte : unknown == text && !m_isByteLevel ? kUnknown : kNormal;
        });
        const Json added = part(m_json, "added_tokens");
        for (const Json& token : added.is_array() ? added : Json::array()) {
            if (!token.is_object() || !part(token, "content").is_string())
                refuse(m_file, "an added token has no content.");
            const std::size_t at = place(part(token, "id"));
            m_texts[at] = token.at("content").get<std::string>();
            if (m_types[at] != kUnknown)
                m_types[at] = part(token, "special") == true ? kControl : kUserDefined;
        }
    }

    std::vector<std::string> merges() const
    {
        std::vector<std::string> all;
        m_events.merges.forEach([&](auto, std::string_view left, std::string_view right) {
            all.push_back(std::string(left) + " " + std::string(right));
        });
        return all;
    }

    /// SentencePiece merges what gives the token with the best score: the rank of the first merge
    /// that gives it, below zero.
    std::vector<float> scores() const
    {
        std::map<std::string, float, std::less<>> byText;
        float rank = 0.0F;
        m_events.merges.forEach([&](auto, std::string_view left, std::string_view right) {
            byText.try_emplace(std::string(left) + std::string(right), rank);
            rank -= 1.0F;
        });
        std::vector<float> all;
        for (const std::string& text : m_texts) {
            const auto it = byText.find(text);
            all.push_back(it == byText.end() ? rank : it->second);
        }
        return all;
    }

    fs::path m_file;
    std::string m_where;
    TokenizerEvents m_events;
    Json m_json; ///< without vocabulary and merges
    Json m_model;
    std::int64_t m_size;
    bool m_isByteLevel = false;
    std::vector<std::string> m_texts;
    std::vector<std::int32_t> m_types;
};

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
    const auto tokenizer = openTokenizer(folder);
    const VocabularyLists lists(folder, std::max(vocabularySize, tokenizer->vocabularySize()));
    GgufFields fields = lists.fields();
    addEnds(fields, *tokenizer, lists.isByteLevel());
    if (!lists.isByteLevel()) {
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
    refuse(folder / "tokenizer.json",
           "GGUF knows no way of splitting text that gives the ids of this tokenizer.");
}

} // namespace tw
