// SPDX-License-Identifier: Apache-2.0
// tokenizer.json of Hugging Face's tokenizers, as far as byte-level BPE goes. What is not
// understood is refused by name: a tokenizer that is nearly right would spoil a training without a
// word.
#include "core/base/error.h"
#include "core/tokenizer/bpe_tokenizer.h"
#include "core/tokenizer/tokenizer_events.h"

#include <functional>

namespace tw {
namespace {

constexpr const char* kHint =
    "Only byte-level BPE (GPT-2, Llama 3, Qwen, SmolLM and their like) can be used here.";

/// Looks into the tree; every complaint names the file and the place.
class Place
{
public:
    Place(const Json& json, const std::string& file, std::string path)
        : m_json(json)
        , m_file(file)
        , m_path(std::move(path))
    {
    }

    [[noreturn]] void fail(const std::string& what, const char* hint = kHint) const
    {
        throw Error(m_file + ": " + m_path + " " + what + ".", hint);
    }
    bool isNull() const { return m_json.is_null(); }
    Place at(const char* key) const
    {
        static const Json kNull;
        if (!m_json.is_object())
            fail("is no object");
        const auto it = m_json.find(key);
        return {it == m_json.end() ? kNull : *it, m_file,
                (m_path.empty() ? "" : m_path + ".") + std::string(key)};
    }
    std::string text() const
    {
        return m_json.is_string() ? m_json.get<std::string>() : (fail("is no text"), "");
    }
    std::string textOr(const std::string& other) const { return isNull() ? other : text(); }
    bool flagOr(bool other) const
    {
        if (isNull())
            return other;
        return m_json.is_boolean() ? m_json.get<bool>()
                                   : (fail("is neither true nor false"), false);
    }
    std::uint32_t id() const
    {
        if (!m_json.is_number_unsigned() || m_json.get<std::uint64_t>() >= Vocabulary::kMaxTokens)
            fail("is no id of a token");
        return m_json.get<std::uint32_t>();
    }
    void forEach(const std::function<void(const Place&)>& visit) const
    {
        if (!m_json.is_array())
            fail("is no list");
        for (std::size_t i = 0; i < m_json.size(); ++i)
            visit({m_json[i], m_file, m_path + "[" + std::to_string(i) + "]"});
    }
    std::string type() const { return at("type").textOr(""); }

private:
    const Json& m_json;
    const std::string& m_file;
    std::string m_path;
};

void readAdded(const Place& list, TokenizerParts& parts)
{
    if (list.isNull())
        return;
    list.forEach([&](const Place& entry) {
        AddedToken token;
        token.content = entry.at("content").text();
        // A token of the vocabulary keeps the id that it has there.
        token.id = parts.vocabulary.find(token.content).value_or(entry.at("id").id());
        token.isSpecial = entry.at("special").flagOr(false);
        token.isNormalized = entry.at("normalized").flagOr(!token.isSpecial);
        token.isSingleWord = entry.at("single_word").flagOr(false);
        token.stripsLeft = entry.at("lstrip").flagOr(false);
        token.stripsRight = entry.at("rstrip").flagOr(false);
        if (!token.content.empty())
            parts.added.push_back(std::move(token));
    });
}

void readNormalizer(const Place& place, TokenizerParts& parts)
{
    if (place.isNull())
        return;
    const std::string type = place.type();
    if (type == "NFC")
        parts.forms.push_back(NormalForm::Nfc);
    else if (type == "NFD")
        parts.forms.push_back(NormalForm::Nfd);
    else if (type == "NFKC")
        parts.forms.push_back(NormalForm::Nfkc);
    else if (type == "NFKD")
        parts.forms.push_back(NormalForm::Nfkd);
    else if (type == "Sequence")
        place.at("normalizers").forEach([&](const Place& part) { readNormalizer(part, parts); });
    else
        place.fail("is a " + type + ", which is not supported");
}

SplitBehaviour behaviourOf(const Place& place)
{
    const std::string name = place.text();
    if (name == "Removed")
        return SplitBehaviour::Removed;
    if (name == "Isolated")
        return SplitBehaviour::Isolated;
    if (name == "MergedWithPrevious")
        return SplitBehaviour::MergedWithPrevious;
    if (name == "MergedWithNext")
        return SplitBehaviour::MergedWithNext;
    if (name == "Contiguous")
        return SplitBehaviour::Contiguous;
    place.fail("is \"" + name + "\", which is not known");
}

std::variant<Regex, std::string> patternOf(const Place& place)
{
    const Place text = place.at("String");
    if (!text.isNull())
        return text.text();
    const Place regex = place.at("Regex");
    try {
        return Regex(regex.text());
    } catch (const Error& error) {
        regex.fail(std::string("cannot be used. ") + error.what());
    }
}

/// Adds the steps of a pre-tokenizer; true where ByteLevel, which has to be the last, is among
/// them.
bool readPreTokenizer(const Place& place, TokenizerParts& parts)
{
    if (place.isNull())
        return false;
    const std::string type = place.type();
    bool isByteLevel = false;
    if (type == "Sequence") {
        place.at("pretokenizers").forEach([&](const Place& part) {
            if (isByteLevel)
                part.fail("is a " + part.type() + " behind ByteLevel, which is not supported");
            isByteLevel = readPreTokenizer(part, parts);
        });
    } else if (type == "ByteLevel") {
        ByteLevelStep step;
        step.addsPrefixSpace = place.at("add_prefix_space").flagOr(true);
        if (place.at("use_regex").flagOr(true))
            step.regex = Regex(gpt2Pattern());
        parts.steps.emplace_back(std::move(step));
        isByteLevel = true;
    } else if (type == "Split") {
        SplitStep step {patternOf(place.at("pattern")), behaviourOf(place.at("behavior")), false};
        step.isInverted = place.at("invert").flagOr(false);
        parts.steps.emplace_back(std::move(step));
    } else if (type == "Digits") {
        parts.steps.emplace_back(DigitsStep {place.at("individual_digits").flagOr(false)});
    } else {
        place.fail("is a " + type + ", which is not supported");
    }
    return isByteLevel;
}

/// Puts ids around what is there already: of two processors the later one is the outer one.
void wrap(TokenizerParts& parts,
          const std::vector<std::int64_t>& before,
          const std::vector<std::int64_t>& behind)
{
    parts.prefix.insert(parts.prefix.begin(), before.begin(), before.end());
    parts.suffix.insert(parts.suffix.end(), behind.begin(), behind.end());
}

void readTemplate(const Place& place, TokenizerParts& parts)
{
    std::vector<std::int64_t> before;
    std::vector<std::int64_t> behind;
    bool hasText = false;
    place.at("single").forEach([&](const Place& part) {
        if (const Place sequence = part.at("Sequence"); !sequence.isNull()) {
            if (hasText || sequence.at("id").text() != "A")
                part.fail("is a second text, which is not supported");
            hasText = true;
            return;
        }
        const std::string name = part.at("SpecialToken").at("id").text();
        const Place ids = place.at("special_tokens").at(name.c_str()).at("ids");
        ids.forEach([&](const Place& id) { (hasText ? behind : before).push_back(id.id()); });
    });
    if (!hasText)
        place.fail("leaves the text out");
    wrap(parts, before, behind);
}

std::int64_t pairedId(const Place& place) // ["</s>", 2]
{
    std::int64_t id = -1;
    std::size_t index = 0;
    place.forEach([&](const Place& part) {
        if (index++ == 1)
            id = part.id();
    });
    return index == 2 ? id : (place.fail("is no pair of a token and its id"), 0);
}

void readPostProcessor(const Place& place, TokenizerParts& parts)
{
    if (place.isNull())
        return;
    const std::string type = place.type();
    if (type == "ByteLevel") // only moves offsets
        return;
    if (type == "TemplateProcessing")
        readTemplate(place, parts);
    else if (type == "RobertaProcessing" || type == "BertProcessing")
        wrap(parts, {pairedId(place.at("cls"))}, {pairedId(place.at("sep"))});
    else if (type == "Sequence")
        place.at("processors").forEach([&](const Place& part) { readPostProcessor(part, parts); });
    else
        place.fail("is a " + type + ", which is not supported");
}

void readDecoder(const Place& place, TokenizerParts& parts)
{
    if (place.isNull()) {
        parts.hasDecoder = false;
        return;
    }
    if (place.type() != "ByteLevel")
        place.fail("is a " + place.type() + ", which is not supported");
}

void readModel(const Place& place, const TokenizerEvents& events, TokenizerParts& parts)
{
    const std::string type = place.at("type").textOr(events.hasMerges ? "BPE" : "");
    if (type != "BPE")
        place.fail("is of type " + (type.empty() ? "unknown" : type) + ", not BPE");
    if (!events.hasVocabulary || !events.hasMerges)
        place.fail(std::string("has no ") + (events.hasVocabulary ? "merges" : "vocab"),
                   "Download the file again.");
    for (const char* const key : {"continuing_subword_prefix", "end_of_word_suffix"})
        if (!place.at(key).textOr("").empty())
            place.at(key).fail("is set, which is not supported");
    if (const Place dropout = place.at("dropout"); !dropout.isNull())
        dropout.fail("is set, so that the same text would become different tokens each time",
                     "Set \"dropout\" to null in the file.");
    parts.options.unknown = place.at("unk_token").textOr("");
    parts.options.fusesUnknown = place.at("fuse_unk").flagOr(false);
    parts.options.hasByteFallback = place.at("byte_fallback").flagOr(false);
    parts.options.ignoresMerges = place.at("ignore_merges").flagOr(false);
}

} // namespace

TokenizerParts readTokenizerJson(std::string_view json, const std::string& where)
{
    TokenizerEvents events(where);
    parseJsonEvents(json, where, events);
    const Place root(events.rest, where, "");
    TokenizerParts parts;
    const Place model = root.at("model");
    if (model.isNull())
        throw Error(where + ": has no \"model\", so it is no tokenizer.json.",
                    "Check whether this is the right file.");
    readModel(model, events, parts);
    readNormalizer(root.at("normalizer"), parts);
    if (const Place pre = root.at("pre_tokenizer"); !readPreTokenizer(pre, parts))
        pre.fail("has no ByteLevel, so this is no byte-level tokenizer");
    readPostProcessor(root.at("post_processor"), parts);
    readDecoder(root.at("decoder"), parts);
    parts.vocabulary = std::move(events.vocabulary);
    parts.merges = std::move(events.merges);
    readAdded(root.at("added_tokens"), parts);
    return parts;
}

} // namespace tw
