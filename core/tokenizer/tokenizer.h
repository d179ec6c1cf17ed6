// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tw {

struct SpecialTokens
{
    std::optional<std::int64_t> bos;
    std::optional<std::int64_t> eos;
    std::optional<std::int64_t> pad;
    std::optional<std::int64_t> unknown;
};

struct Encoding
{
    std::vector<std::int64_t> ids;
    /// Range of bytes that each id covers, in the text as it was encoded: after ill-formed UTF-8
    /// was repaired, which makes it longer. [0,0) for ids that were added.
    std::vector<std::pair<std::size_t, std::size_t>> spans;
    std::vector<std::int64_t> typeIds; ///< "token_type_ids": which text a token belongs to
};

/// Text to ids and back. Immutable after loading, so any thread may use it.
class Tokenizer
{
public:
    virtual ~Tokenizer() = default;

    /// Special tokens inside the text are recognised (as Transformers does); with addSpecial the
    /// post-processor's (bos, eos) are added. Ill-formed UTF-8 is repaired first. Throws Error
    /// where the tokenizer's own expression takes too many steps on the text.
    virtual Encoding encode(std::string_view text, bool addSpecial) const = 0;
    /// Two texts as a model gets them that compares them, with the special tokens between them;
    /// the spans of each are places in that text. The default puts one behind the other.
    virtual Encoding
    encodePair(std::string_view first, std::string_view second, bool addSpecial) const;
    /// Bytes that are no character come out as U+FFFD. Throws Error where an id is out of range.
    virtual std::string decode(const std::vector<std::int64_t>& ids, bool skipSpecial) const = 0;
    /// What one id stands for, in bytes: may be part of a UTF-8 sequence. Throws Error where id is
    /// out of range.
    virtual std::string tokenBytes(std::int64_t id) const = 0;
    /// As the vocabulary spells it ("Ġthe"); empty where it uses no such id.
    virtual std::string tokenText(std::int64_t id) const = 0;
    virtual std::optional<std::int64_t> idOf(std::string_view token) const = 0;
    virtual bool isSpecial(std::int64_t id) const = 0;
    virtual std::int64_t vocabularySize() const = 0; ///< highest id + 1
    virtual SpecialTokens specialTokens() const = 0;
    /// "BPE, byte level, 49,152 tokens": for people.
    virtual std::string description() const = 0;
};

/// From a tokenizer.json, a SentencePiece .model, a GGUF file, or a model folder that holds one of
/// these or a vocabulary in its older form. Throws Error.
std::shared_ptr<const Tokenizer> openTokenizer(const std::filesystem::path& path);

} // namespace tw
