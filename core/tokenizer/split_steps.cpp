// SPDX-License-Identifier: Apache-2.0
// The pre-tokenizers that cut a text and leave it as it is.
#include "core/tokenizer/pieces.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

namespace tw {
namespace {

class Split final : public PreTokenizer
{
public:
    Split(Pattern pattern, SplitBehaviour behaviour, bool isInverted)
        : m_pattern(std::move(pattern))
        , m_behaviour(behaviour)
        , m_isInverted(isInverted)
    {
    }
    void split(Pieces& pieces) const override
    {
        cutPieces(pieces, m_behaviour, m_isInverted,
                  [&](std::string_view text, std::vector<Regex::Match>& matches) {
                      findAll(m_pattern, text, matches);
                  });
    }

private:
    Pattern m_pattern;
    SplitBehaviour m_behaviour;
    bool m_isInverted;
};

/// Cuts at the characters of a class.
class PointSplit final : public PreTokenizer
{
public:
    using Class = bool (*)(char32_t);
    PointSplit(Class isIn, SplitBehaviour behaviour)
        : m_isIn(isIn)
        , m_behaviour(behaviour)
    {
    }
    void split(Pieces& pieces) const override { cutAtPoints(pieces, m_behaviour, m_isIn); }

private:
    Class m_isIn;
    SplitBehaviour m_behaviour;
};

class BertPreTokenizer final : public PreTokenizer
{
public:
    void split(Pieces& pieces) const override
    {
        cutAtPoints(pieces, SplitBehaviour::Removed, isBlank);
        cutAtPoints(pieces, SplitBehaviour::Isolated, isPunctuation);
    }
};

/// \w+|[^\w\s]+
class Whitespace final : public PreTokenizer
{
public:
    void split(Pieces& pieces) const override
    {
        cutPieces(pieces, SplitBehaviour::Removed, true,
                  [](std::string_view text, std::vector<Regex::Match>& matches) {
                      Kind before = Kind::Blank;
                      for (std::size_t at = 0; at < text.size();) {
                          const std::size_t begin = at;
                          const Kind kind = kindOf(nextPoint(text, at));
                          if (kind != Kind::Blank && kind == before)
                              matches.back().second = at;
                          else if (kind != Kind::Blank)
                              matches.emplace_back(begin, at);
                          before = kind;
                      }
                  });
    }

private:
    enum class Kind
    {
        Blank,
        Word,
        Other
    };
    static Kind kindOf(char32_t point)
    {
        return isBlank(point) ? Kind::Blank : isWordPoint(point) ? Kind::Word : Kind::Other;
    }
};

class CharDelimiterSplit final : public PreTokenizer
{
public:
    explicit CharDelimiterSplit(char32_t delimiter)
        : m_delimiter(delimiter)
    {
    }
    void split(Pieces& pieces) const override
    {
        cutAtPoints(pieces, SplitBehaviour::Removed,
                    [this](char32_t point) { return point == m_delimiter; });
    }

private:
    char32_t m_delimiter;
};

class FixedLength final : public PreTokenizer
{
public:
    explicit FixedLength(std::size_t characters)
        : m_characters(characters)
    {
    }
    void split(Pieces& pieces) const override
    {
        cutPieces(pieces, SplitBehaviour::Isolated, false,
                  [this](std::string_view text, std::vector<Regex::Match>& matches) {
                      for (std::size_t at = 0; at < text.size();) {
                          const std::size_t begin = at;
                          for (std::size_t i = 0; i < m_characters && at < text.size(); ++i)
                              nextPoint(text, at);
                          matches.emplace_back(begin, at);
                      }
                  });
    }

private:
    std::size_t m_characters;
};

/// Cuts where the script changes; spaces are of any script, kana of the Chinese one.
class UnicodeScripts final : public PreTokenizer
{
public:
    void split(Pieces& pieces) const override
    {
        // Spaces that no letter stands before are left out: so they are in the reference.
        cutPieces(pieces, SplitBehaviour::Removed, true,
                  [](std::string_view text, std::vector<Regex::Match>& matches) {
                      int before = kNone;
                      for (std::size_t at = 0; at < text.size();) {
                          const std::size_t begin = at;
                          const int script = scriptOf(nextPoint(text, at));
                          if (script != kAny && script != before) {
                              matches.emplace_back(begin, at);
                              before = script;
                          } else if (!matches.empty()) {
                              matches.back().second = at;
                          }
                      }
                  });
    }

private:
    static constexpr int kAny = -1;
    static constexpr int kNone = -2;
    static constexpr int kUnicode = 9; ///< of the reference's table: younger characters are of any
    static int scriptOf(char32_t point)
    {
        if (point == ' ' || !isKnownSince(point, kUnicode)
            || u_charType(static_cast<UChar32>(point)) == U_PRIVATE_USE_CHAR)
            return kAny;
        if (point == 0x061C) // a mark of Arabic that younger tables count as such
            return USCRIPT_COMMON;
        if (point == 0x30FC) // lengthens vowels of kana
            return USCRIPT_HAN;
        UErrorCode status = U_ZERO_ERROR;
        const int script = uscript_getScript(static_cast<UChar32>(point), &status);
        const bool isKana = script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA;
        return isKana ? USCRIPT_HAN : script;
    }
};

} // namespace

PreTokenizerPtr makeSplit(Pattern pattern, SplitBehaviour behaviour, bool isInverted)
{
    return std::make_unique<Split>(std::move(pattern), behaviour, isInverted);
}

PreTokenizerPtr makeDigits(bool isIndividual)
{
    return std::make_unique<PointSplit>(
        isNumeric, isIndividual ? SplitBehaviour::Isolated : SplitBehaviour::Contiguous);
}

PreTokenizerPtr makePunctuation(SplitBehaviour behaviour)
{
    return std::make_unique<PointSplit>(isPunctuation, behaviour);
}

PreTokenizerPtr makeWhitespace()
{
    return std::make_unique<Whitespace>();
}

PreTokenizerPtr makeWhitespaceSplit()
{
    return std::make_unique<PointSplit>(isBlank, SplitBehaviour::Removed);
}

PreTokenizerPtr makeBertPreTokenizer()
{
    return std::make_unique<BertPreTokenizer>();
}

PreTokenizerPtr makeCharDelimiterSplit(char32_t delimiter)
{
    return std::make_unique<CharDelimiterSplit>(delimiter);
}

PreTokenizerPtr makeFixedLength(std::size_t characters)
{
    return std::make_unique<FixedLength>(characters);
}

PreTokenizerPtr makeUnicodeScripts()
{
    return std::make_unique<UnicodeScripts>();
}

} // namespace tw
