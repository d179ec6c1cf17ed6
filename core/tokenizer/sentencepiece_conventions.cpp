// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/sentencepiece_conventions.h"

#include "core/base/error.h"
#include "core/tokenizer/sentencepiece_classes.h"
#include "core/tokenizer/tokenizer_config.h"

#include <algorithm>
#include <unordered_map>

namespace tw {
namespace {

using Decoding = SentencePieceConventions::Decoding;
using Shift = SentencePieceClass::Shift;
using Cleaning = SentencePieceClass::Cleaning;

constexpr int kMadeUpWords = 7; // of XGLM
constexpr std::int64_t kMostUnused = 4096; // of Pegasus, which has 103
constexpr std::int64_t kMostSentinels = 10'000; // of T5, which has 100; UMT5 has 300

/// Without that, a model is read as its library reads it.
bool isOfAClass(const TokenizerConfig& config)
{
    return config.isThere() || !config.className().empty();
}

/// Whether the class can put the space in front itself, and the folder says that it does.
bool isLegacy(const SentencePieceClass& known, const TokenizerConfig& config)
{
    if (known.decoding == Decoding::CodeLlama)
        return false;
    const bool canBeNew = known.decoding == Decoding::Llama || known.decoding == Decoding::T5;
    return !canBeNew || config.flag("legacy", true);
}

/// Gathers the tokens that a class adds, as its constructor does.
class Reader
{
public:
    Reader(const TokenizerConfig& config, const SentencePieceModel& model)
        : m_config(config)
        , m_model(model)
        , m_class(sentencePieceClassOf(config))
    {
    }

    SentencePieceConventions read()
    {
        m_out.decoding = m_class.decoding;
        m_out.cleansUpDecoded = m_config.flag("clean_up_tokenization_spaces", false);
        readOwnTokens();
        readStyle();
        for (auto& [id, token] : m_config.addedTokens())
            add(token, id);
        addClassTokens();
        addSpecialTokens();
        readFrames();
        return std::move(m_out);
    }

private:
    void readOwnTokens()
    {
        const Shift shift = m_class.shift;
        if (shift == Shift::Camembert) {
            m_out.ownTokens = {"<s>NOTUSED", textOf("pad_token", "<pad>"), "</s>NOTUSED",
                               textOf("unk_token", "<unk>"), "<unk>NOTUSED"};
            m_out.offset = 4;
        } else if (shift == Shift::Pegasus) {
            readUnused();
        } else if (shift != Shift::None) {
            m_out.ownTokens = {"<s>", "<pad>", "</s>", "<unk>"};
            m_out.offset = 1;
        }
        if (shift == Shift::Fairseq)
            m_ownMask = m_model.size() + 1;
    }

    void readUnused()
    {
        m_out.offset = m_config.number("offset", 103);
        if (m_out.offset < 2 || m_out.offset > kMostUnused)
            throw Error(m_config.where() + ": an offset of " + std::to_string(m_out.offset)
                            + " is none that Pegasus could have.",
                        "Download the tokenizer again.");
        m_out.ownTokens = {textOf("pad_token", "<pad>"), textOf("eos_token", "</s>"),
                           textOf("mask_token_sent", "<mask_1>"), textOf("mask_token", "<mask_2>")};
        for (std::int64_t i = 2; i < m_out.offset; ++i)
            m_out.ownTokens.push_back(unusedToken(i));
    }

    static std::string unusedToken(std::int64_t number)
    {
        return "<unk_" + std::to_string(number) + ">";
    }

    std::string textOf(const char* key, const char* otherwise) const
    {
        const auto token = m_config.token(key, specialToken(otherwise));
        return token ? token->content : otherwise;
    }

    void readStyle()
    {
        m_out.isLegacy = isLegacy(m_class, m_config);
        m_out.addsPrefixSpace =
            m_class.decoding == Decoding::CodeLlama || m_config.flag("add_prefix_space", true);
        m_out.sparesEnd = m_class.decoding == Decoding::T5;
        if (m_class.cleaning == Cleaning::None)
            return;
        m_out.lowers = m_config.flag("do_lower_case", m_class.lowersUnlessTold);
        if (m_class.cleaning == Cleaning::Albert) {
            m_out.cleansText = true;
            m_out.squeezesBlanks = m_config.flag("remove_space", true);
            m_out.keepsAccents = m_config.flag("keep_accents", m_class.keepsAccentsUnlessTold);
            m_out.splitsNumbers = true;
        }
    }

    std::optional<std::int64_t> idOf(const std::string& text) const
    {
        if (const auto added = m_addedIds.find(text); added != m_addedIds.end())
            return added->second;
        for (std::size_t i = 0; i < m_out.ownTokens.size(); ++i)
            if (m_out.ownTokens[i] == text)
                return static_cast<std::int64_t>(i);
        if (m_ownMask != 0 && text == "<mask>")
            return m_ownMask;
        if (const auto id = m_model.find(text))
            return *id + m_out.offset;
        return std::nullopt;
    }

    void add(AddedToken token, std::uint32_t id)
    {
        token.id = id;
        token.isNormalized = false; // the slow classes look for all of them in the text as it is
        m_addedIds.emplace(token.content, id);
        m_addedEnd = std::max(m_addedEnd, std::int64_t {id} + 1);
        m_out.added.push_back(std::move(token));
    }

    void addUnlessThere(const AddedToken& token)
    {
        if (m_addedIds.contains(token.content))
            return;
        add(token, static_cast<std::uint32_t>(idOf(token.content).value_or(endId())));
    }

    std::int64_t endId() const
    {
        return std::max(m_addedEnd, m_model.size() + m_out.offset + (m_ownMask != 0 ? 1 : 0));
    }

    /// T5's <extra_id_0> ..., the last of them first.
    void addSentinels()
    {
        const std::int64_t count = m_config.number("extra_ids", 100);
        if (count < 0 || count > kMostSentinels)
            throw Error(m_config.where() + ": " + std::to_string(count)
                            + " extra_ids are none that T5 could have.",
                        "Download the tokenizer again.");
        for (std::int64_t i = 0; i < count; ++i) {
            AddedToken token = specialToken("<extra_id_" + std::to_string(i) + ">");
            token.stripsLeft = token.stripsRight = true;
            if (!idOf(token.content))
                add(token, static_cast<std::uint32_t>(m_model.size() + count - 1 - i));
            makeSpecial(token.content, true);
        }
    }

    /// Tokens that the class adds without being asked.
    void addClassTokens()
    {
        if (m_class.decoding == Decoding::T5)
            addSentinels();
        const bool isCamembert = m_class.shift == Shift::Camembert;
        if (isCamembert || m_class.shift == Shift::Pegasus) {
            for (std::size_t i = 0; i < m_out.ownTokens.size(); ++i)
                addUnlessThere(specialToken(m_out.ownTokens[i]));
        }
        for (int i = 0; m_class.shift == Shift::Xglm && i < kMadeUpWords; ++i) {
            const AddedToken word = specialToken("<madeupword" + std::to_string(i) + ">");
            addUnlessThere(word);
            m_out.specialTexts.insert(word.content);
        }
    }

    /// What the class counts as its vocabulary, without what was added to it.
    std::int64_t vocabularyEnd() const
    {
        const std::int64_t own =
            m_model.size() + m_out.offset + (m_class.shift == Shift::Xglm ? kMadeUpWords : 0);
        return m_class.countsLanguages ? std::max(own, idOf("<mask>").value_or(0) + 1) : own;
    }

    void makeSpecial(const std::string& text, bool isAdditional)
    {
        m_out.specialTexts.insert(text);
        if (isAdditional && idOf(text).value_or(0) >= vocabularyEnd())
            m_out.standAlone.insert(text);
    }

    std::optional<std::int64_t> named(const char* key, const char* otherwise)
    {
        std::optional<AddedToken> byDefault;
        if (*otherwise != '\0')
            byDefault = specialToken(otherwise);
        if (byDefault && std::string_view(key) == "mask_token")
            byDefault->stripsLeft = true;
        const auto token = m_config.token(key, byDefault);
        if (!token)
            return std::nullopt;
        addUnlessThere(*token);
        makeSpecial(token->content, false);
        if (std::string_view(key) == "unk_token")
            m_out.unknown = token->content;
        return idOf(token->content);
    }

    void addSpecialTokens()
    {
        m_out.special.bos = named("bos_token", m_class.bos);
        m_out.special.eos = named("eos_token", m_class.eos);
        m_out.special.unknown = named("unk_token", m_class.unknown);
        m_separator = named("sep_token", m_class.separator);
        m_out.special.pad = named("pad_token", m_class.pad);
        m_cls = named("cls_token", m_class.cls);
        named("mask_token", m_class.mask);
        for (const AddedToken& token : additionalTokens()) {
            addUnlessThere(token);
            makeSpecial(token.content, true);
        }
        const bool allStandAlone = m_class.decoding == Decoding::Gemma
            || m_class.decoding == Decoding::XlNet || m_class.decoding == Decoding::BigBird;
        for (const AddedToken& token : m_out.added)
            if (allStandAlone || !m_out.specialTexts.contains(token.content))
                m_out.standAlone.insert(token.content);
    }

    /// "additional_special_tokens", or what the class has in their place.
    std::vector<AddedToken> additionalTokens() const
    {
        std::vector<AddedToken> tokens = m_config.additionalSpecialTokens();
        std::vector<std::string> own;
        if (m_class.shift == Shift::Camembert)
            own = {"<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"};
        if (m_class.decoding == Decoding::XlNet)
            own = {"<eop>", "<eod>"};
        if (!m_config.namesAdditionalSpecialTokens())
            for (const std::string& text : own)
                tokens.push_back(specialToken(text));
        if (m_class.decoding == Decoding::CodeLlama)
            for (const char* const key :
                 {"prefix_token", "middle_token", "suffix_token", "eot_token"})
                addInfilling(key, tokens);
        if (m_class.shift == Shift::Pegasus)
            addUnused(tokens);
        return tokens;
    }

    void addInfilling(const std::string& key, std::vector<AddedToken>& tokens) const
    {
        static const std::map<std::string, const char*> kTexts {
            {"prefix_token", "\u2581<PRE>"},
            {"middle_token", "\u2581<MID>"},
            {"suffix_token", "\u2581<SUF>"},
            {"eot_token", "\u2581<EOT>"},
        };
        if (const auto token = m_config.token(key.c_str(), specialToken(kTexts.at(key))))
            tokens.push_back(*token);
    }

    void addUnused(std::vector<AddedToken>& tokens) const
    {
        const std::string mask = m_out.ownTokens[2];
        const auto isMask = [&](const AddedToken& token) { return token.content == mask; };
        if (std::none_of(tokens.begin(), tokens.end(), isMask))
            tokens.insert(tokens.begin(), specialToken(mask));
        const bool isNamed = m_config.namesAdditionalSpecialTokens();
        const auto given = isNamed ? static_cast<std::int64_t>(tokens.size()) : std::int64_t {2};
        for (std::int64_t i = given; i < m_out.offset - (isNamed ? 1 : 0); ++i)
            tokens.push_back(specialToken(unusedToken(i)));
    }

    void readFrames()
    {
        const bool isOld =
            !m_class.framingOfOld.single.empty() && m_config.flag("legacy_behaviour", false);
        const auto& framing = isOld ? m_class.framingOfOld : m_class.framing;
        m_out.frames = {frameOf(framing.single), frameOf(framing.pair)};
    }

    Frame frameOf(std::string_view pattern) const
    {
        Frame frame;
        for (std::size_t i = 0; i + 1 < pattern.size(); i += 2) {
            const std::int64_t typeId = pattern[i + 1] - '0';
            if (pattern[i] == 'A' || pattern[i] == 'B')
                frame.parts.push_back({pattern[i] == 'A' ? 0 : 1, 0, typeId});
            else if (const auto id = framingToken(pattern[i]))
                frame.parts.push_back({-1, *id, typeId});
        }
        return frame;
    }

    std::optional<std::int64_t> framingToken(char letter) const
    {
        const auto where = [](bool isWanted, std::optional<std::int64_t> id) {
            return isWanted ? id : std::nullopt;
        };
        switch (letter) {
        case 'b':
            return where(m_config.flag("add_bos_token", true), m_out.special.bos);
        case 'e':
            return where(m_config.flag("add_eos_token", false), m_out.special.eos);
        case 'E':
            return m_out.special.eos;
        case 's':
            return m_separator;
        case 'c':
            return m_cls;
        default:
            return language();
        }
    }

    /// The code of the language that texts are in.
    std::int64_t language() const
    {
        const std::string code = m_config.text("src_lang", m_class.language);
        if (const auto id = idOf(code))
            return *id;
        throw Error(m_config.where() + ": the language \"" + code.substr(0, 40)
                        + "\" is not among the tokens of this folder.",
                    "Load the tokenizer with Transformers and save it with save_pretrained, which "
                    "writes the languages into tokenizer_config.json.");
    }

    const TokenizerConfig& m_config;
    const SentencePieceModel& m_model;
    const SentencePieceClass& m_class;
    SentencePieceConventions m_out;
    std::unordered_map<std::string, std::uint32_t> m_addedIds; ///< of m_out.added, by content
    std::int64_t m_addedEnd = 0; ///< behind the largest of them
    std::int64_t m_ownMask = 0;
    std::optional<std::int64_t> m_cls;
    std::optional<std::int64_t> m_separator;
};

} // namespace

std::filesystem::path sentencePieceIn(const std::filesystem::path& folder)
{
    std::error_code code;
    for (const char* const name : {"tokenizer.model", "spiece.model", "sentencepiece.bpe.model",
                                   "spm.model", "sentencepiece.model"})
        if (std::filesystem::exists(folder / name, code))
            return folder / name;
    return {};
}

bool wantsPrefix(const std::filesystem::path& folder)
{
    const TokenizerConfig config(folder);
    return !isOfAClass(config) || isLegacy(sentencePieceClassOf(config), config);
}

SentencePieceConventions readSentencePieceConventions(const std::filesystem::path& folder,
                                                      const SentencePieceModel& model)
{
    const TokenizerConfig config(folder);
    if (isOfAClass(config))
        return Reader(config, model).read();
    SentencePieceConventions plain;
    plain.special = {model.bos(), model.eos(), model.pad(), model.unknown()};
    for (std::int64_t id = 0; id < model.size(); ++id)
        if (model.isControl(id))
            plain.specialTexts.insert(model.text(id));
    return plain;
}

} // namespace tw
