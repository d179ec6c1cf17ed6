// SPDX-License-Identifier: Apache-2.0
// The numbers of fields are those of sentencepiece_model.proto.
#include "core/tokenizer/sentencepiece_check.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/double_array.h"
#include "core/tokenizer/vocabulary.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace tw {
namespace {

constexpr std::uint32_t kPieces = 1;
constexpr std::uint32_t kTrainer = 2;
constexpr std::uint32_t kNormalizer = 3;
constexpr std::uint32_t kDenormalizer = 5;
constexpr std::uint32_t kPieceText = 1;
constexpr std::uint32_t kPieceScore = 2;
constexpr std::uint32_t kPieceType = 3;
constexpr std::uint64_t kUserDefined = 4;
constexpr std::uint32_t kModelType = 3;
constexpr std::uint64_t kUnigram = 1;
constexpr std::uint32_t kCharsmap = 2;
constexpr std::size_t kLongestPiece = 4096; // bytes; SentencePiece's trainer stops at 64 or so

/// Goes through the fields of a protobuf message.
class Fields
{
public:
    Fields(std::string_view message, const std::string& where)
        : m_rest(message)
        , m_where(where)
    {
    }

    std::uint32_t number = 0;
    std::uint64_t value = 0; ///< of a whole number
    std::string_view bytes; ///< of a text, a message or a number of fixed length

    bool next()
    {
        if (m_rest.empty())
            return false;
        const std::uint64_t tag = varint();
        number = static_cast<std::uint32_t>(tag >> 3U);
        bytes = {};
        switch (tag & 7U) {
        case 0:
            value = varint();
            return true;
        case 1:
            bytes = take(8);
            return true;
        case 2:
            bytes = take(varint());
            return true;
        case 5:
            bytes = take(4);
            return true;
        default:
            fail("is no SentencePiece model");
        }
    }
    [[noreturn]] void fail(const std::string& what) const
    {
        throw Error(m_where + ": " + what + ".",
                    "The file is damaged or no SentencePiece model: download it again.");
    }

private:
    std::uint64_t varint()
    {
        std::uint64_t number64 = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(take(1).front());
            number64 |= std::uint64_t {byte & 0x7FU} << shift;
            if (byte < 0x80)
                return number64;
        }
        fail("is no SentencePiece model");
    }
    std::string_view take(std::uint64_t count)
    {
        if (count > m_rest.size())
            fail("is cut off, or no SentencePiece model");
        const std::string_view taken = m_rest.substr(0, count);
        m_rest.remove_prefix(count);
        return taken;
    }

    std::string_view m_rest;
    const std::string& m_where;
};

float floatOf(std::string_view bytes)
{
    std::uint32_t bits = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        bits = bits << 8U | static_cast<unsigned char>(bytes[i]);
    return std::bit_cast<float>(bits);
}

void checkPiece(std::string_view message,
                std::size_t index,
                const std::string& where,
                SentencePieceFacts& facts)
{
    Fields fields(message, where);
    const std::string place = "piece " + std::to_string(index);
    while (fields.next()) {
        if (fields.number == kPieceText
            && (fields.bytes.size() > kLongestPiece || !isUtf8(fields.bytes)
                || fields.bytes.find('\0') != std::string_view::npos))
            fields.fail(place + " is no text");
        if (fields.number == kPieceScore
            && (fields.bytes.size() != 4 || !std::isfinite(floatOf(fields.bytes))))
            fields.fail(place + " has no number as its score");
        if (fields.number == kPieceType && fields.value == kUserDefined)
            facts.userDefined.push_back(static_cast<std::uint32_t>(index));
    }
}

void checkRules(std::string_view message, const std::string& where)
{
    Fields fields(message, where);
    while (fields.next()) {
        if (fields.number != kCharsmap || fields.bytes.empty())
            continue;
        if (const auto problem = charsmapProblem(fields.bytes))
            fields.fail("the normalisation rules (precompiled_charsmap): " + *problem);
    }
}

} // namespace

SentencePieceFacts checkSentencePiece(std::string_view model, const std::string& where)
{
    SentencePieceFacts facts;
    Fields fields(model, where);
    std::size_t pieces = 0;
    while (fields.next()) {
        if (fields.number == kPieces) {
            checkPiece(fields.bytes, pieces++, where, facts);
        } else if (fields.number == kTrainer) {
            Fields trainer(fields.bytes, where);
            while (trainer.next())
                if (trainer.number == kModelType)
                    facts.isUnigram = trainer.value == kUnigram;
        } else if (fields.number == kNormalizer || fields.number == kDenormalizer) {
            checkRules(fields.bytes, where);
        }
    }
    if (pieces == 0)
        fields.fail("holds no pieces, so it is no SentencePiece model");
    if (pieces > Vocabulary::kMaxTokens)
        fields.fail("holds more than " + groupedDigits(Vocabulary::kMaxTokens) + " pieces");
    return facts;
}

} // namespace tw
