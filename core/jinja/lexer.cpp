// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/lexer.h"

#include "core/base/text.h"
#include "core/jinja/operators.h"
#include "core/jinja/string_literal.h"
#include "core/jinja/unicode.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace tw::jinja {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

/// Line ends become \n, and the one at the very end goes (keep_trailing_newline is off).
std::string withPlainLineEnds(std::string_view source)
{
    std::string out;
    out.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] == '\r' && i + 1 < source.size() && source[i + 1] == '\n')
            continue;
        out += source[i] == '\r' ? '\n' : source[i];
    }
    if (out.ends_with('\n'))
        out.pop_back();
    return out;
}

bool isNameStart(char c)
{
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'
        || static_cast<unsigned char>(c) >= 0x80;
}

bool isNamePart(char c)
{
    return isNameStart(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

class Lexer
{
public:
    explicit Lexer(std::string source)
        : m_source(std::move(source))
    {
    }

    std::vector<Token> take()
    {
        while (m_at < m_source.size())
            readData();
        push(TokenType::End, {});
        return std::move(m_tokens);
    }

private:
    char peek(std::size_t offset = 0) const
    {
        return m_at + offset < m_source.size() ? m_source[m_at + offset] : '\0';
    }
    std::string_view rest() const { return std::string_view(m_source).substr(m_at); }
    Place placeOf(std::size_t at)
    {
        // Tokens come in order, so the count goes on from the last one; only messages look back.
        if (at < m_counted) {
            m_counted = 0;
            m_place = {};
        }
        for (; m_counted < at; ++m_counted) {
            if (m_source[m_counted] == '\n') {
                ++m_place.line;
                m_place.column = 1;
            } else if ((static_cast<unsigned char>(m_source[m_counted]) & 0xC0U) != 0x80U) {
                ++m_place.column;
            }
        }
        return m_place;
    }
    [[noreturn]] void fail(const std::string& what, std::size_t at)
    {
        throw SyntaxError(what, placeOf(at));
    }
    Token& push(TokenType type, std::string text)
    {
        Token token;
        token.type = type;
        token.text = std::move(text);
        token.place = placeOf(std::min(m_at, m_source.size()));
        m_tokens.push_back(std::move(token));
        return m_tokens.back();
    }
    void pushData(std::string_view text)
    {
        if (!text.empty())
            push(TokenType::Data, std::string(text));
    }

    std::size_t nextTag() const
    {
        for (std::size_t at = m_source.find('{', m_at); at != kNone;
             at = m_source.find('{', at + 1)) {
            const char next = at + 1 < m_source.size() ? m_source[at + 1] : '\0';
            if (next == '{' || next == '%' || next == '#')
                return at;
        }
        return kNone;
    }

    /// Text before a tag, stripped as the tag's sign and lstrip_blocks want it.
    std::string_view beforeTag(std::string_view text, char sign, bool isVariable) const
    {
        if (sign == '-')
            return stripped(text, false, true);
        if (sign == '+' || isVariable)
            return text;
        const std::size_t lineStart = text.rfind('\n') == kNone ? 0 : text.rfind('\n') + 1;
        if ((lineStart > 0 || m_isLineStart) && stripped(text.substr(lineStart)).empty())
            return text.substr(0, lineStart);
        return text;
    }

    char signAt(std::size_t at) const
    {
        const char c = at < m_source.size() ? m_source[at] : '\0';
        return c == '-' || c == '+' ? c : '\0';
    }

    void readData()
    {
        const std::size_t tag = nextTag();
        if (tag == kNone) {
            pushData(rest());
            m_at = m_source.size();
            return;
        }
        const char kind = m_source[tag + 1];
        const char sign = signAt(tag + 2);
        pushData(beforeTag(rest().substr(0, tag - m_at), sign, kind == '{'));
        m_at = tag;
        const std::size_t inside = tag + 2 + (sign == '\0' ? 0 : 1);
        if (kind == '#')
            readComment(inside);
        else if (const std::size_t raw = kind == '%' ? endOfRawTag(inside) : kNone; raw != kNone)
            readRaw(raw);
        else
            readTag(kind == '{', inside);
    }

    void skipBlank() { m_at = m_source.size() - stripped(rest(), true, false).size(); }

    /// Behind a closing tag: what its sign and trim_blocks take away.
    void afterTag(bool stripAll, bool trimLine)
    {
        const std::size_t start = m_at;
        if (stripAll)
            skipBlank();
        else if (trimLine && peek() == '\n')
            ++m_at;
        m_isLineStart = m_at > start && m_source[m_at - 1] == '\n';
    }

    void readComment(std::size_t inside)
    {
        const std::size_t end = m_source.find("#}", inside);
        if (end == kNone)
            fail("a comment is never closed with #}", m_at);
        const char sign = end > inside ? m_source[end - 1] : '\0';
        m_at = end + 2;
        afterTag(sign == '-', sign != '+');
    }

    /// Behind "{% raw %}" where that is the tag at `inside`, or kNone.
    std::size_t endOfRawTag(std::size_t inside) const
    {
        std::string_view text = stripped(std::string_view(m_source).substr(inside), true, false);
        if (!text.starts_with("raw"))
            return kNone;
        text = stripped(text.substr(3), true, false);
        if (text.starts_with("-%}"))
            return m_source.size() - stripped(text.substr(3), true, false).size();
        return text.starts_with("%}") ? m_source.size() - text.size() + 2 : kNone;
    }

    void readRaw(std::size_t start)
    {
        const std::size_t opening = m_at;
        m_at = start;
        m_isLineStart = start > 0 && m_source[start - 1] == '\n';
        for (std::size_t at = m_source.find("{%", start); at != kNone;
             at = m_source.find("{%", at + 1)) {
            const char sign = signAt(at + 2);
            std::string_view text =
                std::string_view(m_source).substr(at + 2 + (sign == '\0' ? 0 : 1));
            text = stripped(text, true, false);
            if (!text.starts_with("endraw"))
                continue;
            text = stripped(text.substr(6), true, false);
            const char closing =
                text.starts_with('-') || text.starts_with('+') ? text.front() : '\0';
            text.remove_prefix(closing == '\0' ? 0 : 1);
            if (!text.starts_with("%}"))
                continue;
            pushData(beforeTag(rest().substr(0, at - m_at), sign, false));
            m_at = m_source.size() - text.size() + 2;
            return afterTag(closing == '-', closing != '+');
        }
        fail("a raw block is never closed with {% endraw %}", opening);
    }

    void readTag(bool isVariable, std::size_t inside)
    {
        push(isVariable ? TokenType::VariableBegin : TokenType::BlockBegin, {});
        const std::size_t opening = m_at;
        const std::string_view closing = isVariable ? "}}" : "%}";
        m_at = inside;
        m_brackets.clear();
        for (;;) {
            skipBlank();
            if (m_at >= m_source.size())
                return; // the parser says what is missing
            if (m_brackets.empty() && readEnd(isVariable, closing))
                return;
            readToken(opening);
        }
    }

    bool readEnd(bool isVariable, std::string_view closing)
    {
        const std::size_t start = m_at;
        const bool strips = peek() == '-' && rest().substr(1).starts_with(closing);
        const bool keeps = !isVariable && peek() == '+' && rest().substr(1).starts_with(closing);
        if (!strips && !keeps && !rest().starts_with(closing))
            return false;
        push(isVariable ? TokenType::VariableEnd : TokenType::BlockEnd, {});
        m_at = start + (strips || keeps ? 3 : 2);
        afterTag(strips, !isVariable && !keeps);
        return true;
    }

    void readToken(std::size_t opening)
    {
        const char c = peek();
        if (std::isdigit(static_cast<unsigned char>(c)) != 0)
            readNumber();
        else if (isNameStart(c))
            readName();
        else if (c == '"' || c == '\'')
            readText(opening);
        else
            readOperator();
    }

    void readName()
    {
        std::size_t end = m_at;
        while (end < m_source.size() && isNamePart(m_source[end]))
            ++end;
        const std::string name = m_source.substr(m_at, end - m_at);
        for (const char32_t c : toCodePoints(name)) {
            if (c >= 0x80 && !isLetter(c) && !isNumeric(c))
                fail("a name has a character that names may not have", m_at);
        }
        push(TokenType::Name, name);
        m_at = end;
    }

    void readText(std::size_t opening)
    {
        const char quote = peek();
        std::size_t end = m_at + 1;
        while (end < m_source.size() && m_source[end] != quote)
            end += m_source[end] == '\\' ? std::size_t {2} : std::size_t {1};
        if (end >= m_source.size())
            fail("a text is never closed with " + std::string(1, quote), opening);
        std::string problem;
        const std::string text =
            unescaped(std::string_view(m_source).substr(m_at + 1, end - m_at - 1), problem);
        if (!problem.empty())
            fail(problem, m_at);
        push(TokenType::Text, text);
        m_at = end + 1;
    }

    /// Digits that may be parted by single underscores, from `at`.
    std::size_t endOfDigits(std::size_t at) const
    {
        const auto isDigitAt = [&](std::size_t i) {
            return i < m_source.size()
                && std::isdigit(static_cast<unsigned char>(m_source[i])) != 0;
        };
        while (isDigitAt(at) || (at < m_source.size() && m_source[at] == '_' && isDigitAt(at + 1)))
            ++at;
        return at;
    }

    std::size_t endOfExponent(std::size_t at) const
    {
        if (at >= m_source.size() || (m_source[at] != 'e' && m_source[at] != 'E'))
            return at;
        std::size_t digits = at + 1;
        if (digits < m_source.size() && (m_source[digits] == '+' || m_source[digits] == '-'))
            ++digits;
        const std::size_t end = endOfDigits(digits);
        return end > digits && m_source[digits] != '_' ? end : at;
    }

    void readNumber()
    {
        if (peek() == '0' && readPrefixed())
            return;
        const bool isAfterDot = m_at > 0 && m_source[m_at - 1] == '.'; // x.1.2: indices, no float
        std::size_t end = endOfDigits(m_at);
        std::size_t floatEnd = end;
        if (!isAfterDot) {
            if (end + 1 < m_source.size() && m_source[end] == '.' && endOfDigits(end + 1) > end + 1
                && m_source[end + 1] != '_')
                floatEnd = endOfDigits(end + 1);
            floatEnd = endOfExponent(floatEnd);
        }
        if (floatEnd > end) {
            push(TokenType::Float, {}).number = realFromText(digitsOf(floatEnd)).value_or(0.0);
            m_at = floatEnd;
            return;
        }
        if (peek() == '0') { // 0, 00, 0_0; 07 is two numbers
            end = m_at + 1;
            while (end < m_source.size()
                   && (m_source[end] == '0'
                       || (m_source[end] == '_' && end + 1 < m_source.size()
                           && m_source[end + 1] == '0')))
                ++end;
        }
        pushInteger(digitsOf(end), 10);
        m_at = end;
    }

    bool readPrefixed() // 0x1F, 0o17, 0b101
    {
        const int letter = std::tolower(static_cast<unsigned char>(peek(1)));
        const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
        if (base == 0)
            return false;
        const auto isDigitOf = [&](char c) {
            int value = 99;
            std::from_chars(&c, &c + 1, value, 16);
            return value < base;
        };
        std::size_t end = m_at + 2;
        while (end < m_source.size()
               && (isDigitOf(m_source[end])
                   || (m_source[end] == '_' && end + 1 < m_source.size()
                       && isDigitOf(m_source[end + 1]))))
            ++end;
        if (end == m_at + 2)
            return false;
        pushInteger(digitsOf(end).substr(2), base);
        m_at = end;
        return true;
    }

    std::string digitsOf(std::size_t end) const
    {
        std::string digits = m_source.substr(m_at, end - m_at);
        std::erase(digits, '_');
        return digits;
    }

    void pushInteger(const std::string& digits, int base)
    {
        const auto value = wholeFromText(digits, base);
        if (!value)
            fail("the number has too many digits", m_at);
        push(TokenType::Integer, {}).integer = *value;
    }

    void readOperator()
    {
        static constexpr std::array<std::string_view, 26> kOperators {
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
            "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"};
        const auto it =
            std::find_if(kOperators.begin(), kOperators.end(),
                         [&](std::string_view name) { return rest().starts_with(name); });
        if (it == kOperators.end())
            fail("unexpected character '" + toUtf8(toCodePoints(rest().substr(0, 4)).substr(0, 1))
                     + "'",
                 m_at);
        checkBrackets(it->front(), it->size() == 1);
        push(TokenType::Operator, std::string(*it));
        m_at += it->size();
    }

    void checkBrackets(char c, bool isSingle)
    {
        if (!isSingle)
            return;
        if (c == '(' || c == '[' || c == '{') {
            m_brackets.push_back(c == '(' ? ')' : c == '[' ? ']' : '}');
        } else if (c == ')' || c == ']' || c == '}') {
            if (m_brackets.empty() || m_brackets.back() != c)
                fail("unexpected '" + std::string(1, c) + "'", m_at);
            m_brackets.pop_back();
        }
    }

    std::string m_source;
    std::size_t m_at = 0;
    std::size_t m_counted = 0;
    Place m_place;
    bool m_isLineStart = true;
    std::string m_brackets; ///< the closing ones that are awaited
    std::vector<Token> m_tokens;
};

} // namespace

std::vector<Token> tokenize(std::string_view source)
{
    return Lexer(withPlainLineEnds(source)).take();
}

} // namespace tw::jinja
