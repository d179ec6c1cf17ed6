// SPDX-License-Identifier: Apache-2.0
// The classes of Transformers (their slow form) that stand on a SentencePiece model. A class that
// is not among them is refused: its ids might be shifted, and nobody would notice.
#include "core/tokenizer/sentencepiece_conventions.h"

#include "core/base/error.h"
#include "core/tokenizer/tokenizer_config.h"

#include <array>

namespace tw {
namespace {

using Decoding = SentencePieceConventions::Decoding;

enum class Framing
{
    BosEos, ///< as add_bos_token and add_eos_token say
    End, ///< T5
    Roberta,
    Bert
};

struct KnownClass
{
    std::string_view name;
    Decoding decoding;
    Framing framing;
    // Texts of the special tokens; empty: none.
    const char* bos;
    const char* eos;
    const char* unknown;
    const char* separator;
    const char* pad;
    const char* cls;
    const char* mask;
};
constexpr std::array<KnownClass, 10> kClasses {{
    {"LlamaTokenizer", Decoding::Llama, Framing::BosEos, "<s>", "</s>", "<unk>", "", "", "", ""},
    {"CodeLlamaTokenizer", Decoding::Llama, Framing::BosEos, "<s>", "</s>", "<unk>", "", "", "",
     ""},
    {"GemmaTokenizer", Decoding::Gemma, Framing::BosEos, "<bos>", "<eos>", "<unk>", "", "<pad>", "",
     ""},
    {"T5Tokenizer", Decoding::T5, Framing::End, "", "</s>", "<unk>", "", "<pad>", "", ""},
    {"MT5Tokenizer", Decoding::T5, Framing::End, "", "</s>", "<unk>", "", "<pad>", "", ""},
    {"UMT5Tokenizer", Decoding::T5, Framing::End, "", "</s>", "<unk>", "", "<pad>", "", ""},
    {"XLMRobertaTokenizer", Decoding::XlmRoberta, Framing::Roberta, "<s>", "</s>", "<unk>", "</s>",
     "<pad>", "<s>", "<mask>"},
    {"XLMRobertaXLTokenizer", Decoding::XlmRoberta, Framing::Roberta, "<s>", "</s>", "<unk>",
     "</s>", "<pad>", "<s>", "<mask>"},
    {"AlbertTokenizer", Decoding::Albert, Framing::Bert, "[CLS]", "[SEP]", "<unk>", "[SEP]",
     "<pad>", "[CLS]", "[MASK]"},
    {"DebertaV2Tokenizer", Decoding::Albert, Framing::Bert, "[CLS]", "[SEP]", "[UNK]", "[SEP]",
     "[PAD]", "[CLS]", "[MASK]"},
}};

const KnownClass& classNamed(const TokenizerConfig& config)
{
    const std::string name = config.className();
    std::string known;
    for (const KnownClass& entry : kClasses) {
        if (entry.name == name)
            return entry;
        (known += known.empty() ? "" : ", ") += entry.name;
    }
    throw Error(config.where() + ": "
                    + (name.empty() ? std::string("says no tokenizer_class")
                                    : "the tokenizer_class " + name.substr(0, 60)
                               + " is not known for SentencePiece models")
                    + ".",
                "Known: " + known
                    + ". For others, load the tokenizer with Transformers and save it with "
                      "save_pretrained, which writes tokenizer.json.");
}

/// Gathers the tokens that a class adds, as its constructor does.
class Reader
{
public:
    Reader(const TokenizerConfig& config, const SentencePieceModel& model)
        : m_config(config)
        , m_model(model)
        , m_class(classNamed(config))
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
        if (m_class.framing == Framing::End)
            addSentinels();
        addSpecialTokens();
        readFrames();
        return std::move(m_out);
    }

private:
    void readOwnTokens()
    {
        if (m_class.framing != Framing::Roberta)
            return;
        m_out.ownTokens = {"<s>", "<pad>", "</s>", "<unk>"};
        m_out.offset = 1;
        AddedToken mask = specialToken("<mask>");
        mask.id = static_cast<std::uint32_t>(m_model.size() + 1);
        mask.stripsLeft = true;
        m_ownMask = mask.id;
    }

    void readStyle()
    {
        const bool canBeNew = m_out.decoding == Decoding::Llama || m_out.decoding == Decoding::T5;
        m_out.isLegacy = !canBeNew || m_config.flag("legacy", true);
        m_out.addsPrefixSpace = m_config.flag("add_prefix_space", true);
        m_out.sparesEnd = m_class.framing == Framing::End;
        if (m_class.name == "AlbertTokenizer") {
            m_out.cleansText = m_config.flag("remove_space", true);
            m_out.keepsAccents = m_config.flag("keep_accents", false);
            m_out.splitsNumbers = true;
            m_out.lowers = m_config.flag("do_lower_case", true);
        } else if (m_class.name == "DebertaV2Tokenizer") {
            m_out.lowers = m_config.flag("do_lower_case", false);
        }
    }

    std::optional<std::int64_t> idOf(const std::string& text) const
    {
        for (const AddedToken& token : m_out.added)
            if (token.content == text)
                return token.id;
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
        m_out.added.push_back(std::move(token));
    }

    void addUnlessThere(const AddedToken& token)
    {
        for (const AddedToken& there : m_out.added)
            if (there.content == token.content)
                return;
        add(token, static_cast<std::uint32_t>(idOf(token.content).value_or(endId())));
    }

    std::int64_t endId() const
    {
        std::int64_t end = m_model.size() + m_out.offset + (m_ownMask != 0 ? 1 : 0);
        for (const AddedToken& token : m_out.added)
            end = std::max(end, std::int64_t {token.id} + 1);
        return end;
    }

    /// T5's <extra_id_0> ..., the last of them first.
    void addSentinels()
    {
        const std::int64_t count = m_config.number("extra_ids", 100);
        for (std::int64_t i = 0; i < count; ++i) {
            AddedToken token = specialToken("<extra_id_" + std::to_string(i) + ">");
            token.stripsLeft = token.stripsRight = true;
            if (!idOf(token.content))
                add(token, static_cast<std::uint32_t>(m_model.size() + count - 1 - i));
            makeSpecial(token.content, true);
        }
    }

    void makeSpecial(const std::string& text, bool isAdditional)
    {
        m_out.specialTexts.insert(text);
        if (isAdditional && idOf(text).value_or(0) >= m_model.size() + m_out.offset)
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
        for (const AddedToken& token : m_config.additionalSpecialTokens()) {
            addUnlessThere(token);
            makeSpecial(token.content, true);
        }
        for (const AddedToken& token : m_out.added)
            if (!m_out.specialTexts.contains(token.content))
                m_out.standAlone.insert(token.content);
    }

    void readFrames()
    {
        using Ids = std::vector<std::int64_t>;
        const auto ids = [](const std::optional<std::int64_t>& id, bool isWanted = true) {
            return id && isWanted ? Ids {*id} : Ids {};
        };
        PostProcessor& frames = m_out.frames;
        if (m_class.framing == Framing::BosEos) {
            frames = framedBy(ids(m_out.special.bos, m_config.flag("add_bos_token", true)),
                              ids(m_out.special.eos, m_config.flag("add_eos_token", false)));
            return;
        }
        if (m_class.framing == Framing::End)
            frames = framedBy({}, ids(m_out.special.eos));
        else
            frames = framedBy(ids(m_cls), ids(m_separator));
        if (m_class.framing == Framing::Bert) { // [CLS] A [SEP] B [SEP]: no second [CLS]
            auto& parts = frames.pair.parts;
            if (m_cls && m_separator)
                parts.erase(parts.begin() + 3);
            return;
        }
        for (Frame::Part& part : frames.pair.parts) // of these no model tells the texts apart
            part.typeId = 0;
        if (m_class.framing == Framing::Roberta && m_cls && m_separator)
            frames.pair.parts[3].id = *m_separator; // </s></s> between the texts
    }

    const TokenizerConfig& m_config;
    const SentencePieceModel& m_model;
    const KnownClass& m_class;
    SentencePieceConventions m_out;
    std::uint32_t m_ownMask = 0;
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
    if (!config.isThere())
        return true;
    const Decoding decoding = classNamed(config).decoding;
    const bool canBeNew = decoding == Decoding::Llama || decoding == Decoding::T5;
    return !canBeNew || config.flag("legacy", true);
}

SentencePieceConventions readSentencePieceConventions(const std::filesystem::path& folder,
                                                      const SentencePieceModel& model)
{
    const TokenizerConfig config(folder);
    if (config.isThere())
        return Reader(config, model).read();
    SentencePieceConventions plain;
    plain.special = {model.bos(), model.eos(), model.pad(), model.unknown()};
    for (std::int64_t id = 0; id < model.size(); ++id)
        if (model.isControl(id))
            plain.specialTexts.insert(model.text(id));
    return plain;
}

} // namespace tw
