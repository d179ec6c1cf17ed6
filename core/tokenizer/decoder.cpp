// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/decoder.h"

#include "core/base/text.h"
#include "core/tokenizer/byte_level.h"
#include "core/tokenizer/code_points.h"

#include <algorithm>
#include <array>
#include <optional>

namespace tw {
namespace {

using Tokens = std::vector<std::string>;

std::string replacedAll(std::string_view text, std::string_view wanted, std::string_view with)
{
    if (wanted.empty())
        return std::string(text);
    std::string out;
    std::size_t done = 0;
    for (std::size_t at = text.find(wanted); at != std::string_view::npos;
         at = text.find(wanted, done)) {
        out.append(text, done, at - done);
        out += with;
        done = at + wanted.size();
    }
    return out.append(text, done);
}

using Rule = std::pair<const char*, const char*>;
constexpr std::array<Rule, 10> kTypography {{{" .", "."},
                                             {" ?", "?"},
                                             {" !", "!"},
                                             {" ,", ","},
                                             {" ' ", "'"},
                                             {" n't", "n't"},
                                             {" 'm", "'m"},
                                             {" 's", "'s"},
                                             {" 've", "'ve"},
                                             {" 're", "'re"}}};

/// The same with one rule more, which is WordPiece's own.
std::string cleanedUp(std::string text)
{
    for (std::size_t i = 0; i < kTypography.size(); ++i) {
        text = replacedAll(text, kTypography[i].first, kTypography[i].second);
        if (i == 6) // in the reference's order
            text = replacedAll(text, " do not", " don't");
    }
    return text;
}

class ByteLevelDecoder final : public Decoder
{
public:
    Tokens decode(Tokens tokens) const override
    {
        std::string bytes;
        for (const std::string& token : tokens)
            bytes += byteLevelBytes(token);
        return {repairedUtf8(bytes)};
    }
    std::string bytesOf(std::string token) const override { return byteLevelBytes(token); }
};

class WordPieceDecoder final : public Decoder
{
public:
    WordPieceDecoder(std::string prefix, bool cleansUp)
        : m_prefix(std::move(prefix))
        , m_cleansUp(cleansUp)
    {
    }
    Tokens decode(Tokens tokens) const override
    {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (i > 0)
                tokens[i] = inside(tokens[i]);
            if (m_cleansUp)
                tokens[i] = cleanedUp(std::move(tokens[i]));
        }
        return tokens;
    }
    std::string bytesOf(std::string token) const override { return inside(token); }

private:
    std::string inside(const std::string& token) const
    {
        return token.starts_with(m_prefix) ? token.substr(m_prefix.size()) : " " + token;
    }
    std::string m_prefix;
    bool m_cleansUp;
};

class MetaspaceDecoder final : public Decoder
{
public:
    MetaspaceDecoder(char32_t replacement, bool dropsFirst)
        : m_dropsFirst(dropsFirst)
    {
        appendUtf8(m_mark, replacement);
    }
    Tokens decode(Tokens tokens) const override
    {
        for (std::size_t i = 0; i < tokens.size(); ++i)
            tokens[i] = replacedAll(tokens[i], m_mark, i == 0 && m_dropsFirst ? "" : " ");
        return tokens;
    }
    std::string bytesOf(std::string token) const override
    {
        return replacedAll(token, m_mark, " ");
    }

private:
    std::string m_mark;
    bool m_dropsFirst;
};

class BpeDecoder final : public Decoder
{
public:
    explicit BpeDecoder(std::string suffix)
        : m_suffix(std::move(suffix))
    {
    }
    Tokens decode(Tokens tokens) const override
    {
        for (std::size_t i = 0; i < tokens.size(); ++i)
            tokens[i] = replacedAll(tokens[i], m_suffix, i + 1 == tokens.size() ? "" : " ");
        return tokens;
    }
    std::string bytesOf(std::string token) const override
    {
        return replacedAll(token, m_suffix, " ");
    }

private:
    std::string m_suffix;
};

class ByteFallbackDecoder final : public Decoder
{
public:
    Tokens decode(Tokens tokens) const override
    {
        Tokens out;
        std::string bytes; // of tokens that stand for one each
        const auto flush = [&] {
            if (bytes.empty())
                return;
            if (isUtf8(bytes))
                out.push_back(bytes);
            else
                out.insert(out.end(), bytes.size(), "\uFFFD");
            bytes.clear();
        };
        for (std::string& token : tokens) {
            if (const auto byte = byteOf(token)) {
                bytes.push_back(*byte);
                continue;
            }
            flush();
            out.push_back(std::move(token));
        }
        flush();
        return out;
    }
    std::string bytesOf(std::string token) const override
    {
        const auto byte = byteOf(token);
        return byte ? std::string(1, *byte) : token;
    }

private:
    static int digitOf(char c)
    {
        if (c >= '0' && c <= '9')
            return c - '0';
        const char small = static_cast<char>(c | 0x20);
        return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
    }
    /// Of "<0x0A>". The reference's parser of numbers takes a plus as well.
    static std::optional<char> byteOf(std::string_view token)
    {
        if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>')
            return std::nullopt;
        const int high = token[3] == '+' ? 0 : digitOf(token[3]);
        const int low = digitOf(token[4]);
        if (high < 0 || low < 0)
            return std::nullopt;
        return static_cast<char>(high * 16 + low);
    }
};

class FuseDecoder final : public Decoder
{
public:
    Tokens decode(Tokens tokens) const override { return {join(tokens, "")}; }
    std::string bytesOf(std::string token) const override { return token; }
};

class StripDecoder final : public Decoder
{
public:
    StripDecoder(char32_t content, std::size_t start, std::size_t stop)
        : m_start(start)
        , m_stop(stop)
    {
        appendUtf8(m_content, content);
    }
    Tokens decode(Tokens tokens) const override
    {
        for (std::string& token : tokens) {
            std::string_view rest = token;
            for (std::size_t i = 0; i < m_start && rest.starts_with(m_content); ++i)
                rest.remove_prefix(m_content.size());
            for (std::size_t i = 0; i < m_stop && rest.ends_with(m_content); ++i)
                rest.remove_suffix(m_content.size());
            token = std::string(rest);
        }
        return tokens;
    }
    std::string bytesOf(std::string token) const override { return token; }

private:
    std::string m_content;
    std::size_t m_start;
    std::size_t m_stop;
};

class ReplaceDecoder final : public Decoder
{
public:
    ReplaceDecoder(Pattern pattern, std::string with)
        : m_pattern(std::move(pattern))
        , m_with(std::move(with))
    {
    }
    Tokens decode(Tokens tokens) const override
    {
        for (std::string& token : tokens)
            token = bytesOf(std::move(token));
        return tokens;
    }
    std::string bytesOf(std::string token) const override
    {
        if (const auto* const text = std::get_if<std::string>(&m_pattern))
            return replacedAll(token, *text, m_with);
        if (!isUtf8(token)) // one byte of a character
            return token;
        std::vector<Regex::Match> matches;
        findAll(m_pattern, token, matches);
        std::string out;
        std::size_t done = 0;
        for (const auto& [begin, end] : matches) {
            out.append(token, done, begin - done);
            out += m_with;
            done = end;
        }
        return out.append(token, done);
    }

private:
    Pattern m_pattern;
    std::string m_with;
};

class CtcDecoder final : public Decoder
{
public:
    CtcDecoder(std::string pad, std::string wordDelimiter, bool cleansUp)
        : m_pad(std::move(pad))
        , m_wordDelimiter(std::move(wordDelimiter))
        , m_cleansUp(cleansUp)
    {
    }
    Tokens decode(Tokens tokens) const override
    {
        tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
        for (std::string& token : tokens)
            token = bytesOf(std::move(token));
        std::erase_if(tokens, [](const std::string& token) { return token.empty(); });
        return tokens;
    }
    std::string bytesOf(std::string token) const override
    {
        token = replacedAll(token, m_pad, "");
        if (m_cleansUp)
            token = replacedAll(cleanedUp(std::move(token)), m_wordDelimiter, " ");
        return token;
    }

private:
    std::string m_pad;
    std::string m_wordDelimiter;
    bool m_cleansUp;
};

class DecoderSequence final : public Decoder
{
public:
    explicit DecoderSequence(std::vector<DecoderPtr> steps)
        : m_steps(std::move(steps))
    {
    }
    Tokens decode(Tokens tokens) const override
    {
        for (const DecoderPtr& step : m_steps)
            tokens = step->decode(std::move(tokens));
        return tokens;
    }
    std::string bytesOf(std::string token) const override
    {
        for (const DecoderPtr& step : m_steps)
            token = step->bytesOf(std::move(token));
        return token;
    }

private:
    std::vector<DecoderPtr> m_steps;
};

} // namespace

std::string cleanedUpText(std::string text)
{
    for (const auto& [wanted, with] : kTypography)
        text = replacedAll(text, wanted, with);
    return text;
}

DecoderPtr makeByteLevelDecoder()
{
    return std::make_unique<ByteLevelDecoder>();
}

DecoderPtr makeWordPieceDecoder(std::string prefix, bool cleansUp)
{
    return std::make_unique<WordPieceDecoder>(std::move(prefix), cleansUp);
}

DecoderPtr makeMetaspaceDecoder(char32_t replacement, bool dropsFirst)
{
    return std::make_unique<MetaspaceDecoder>(replacement, dropsFirst);
}

DecoderPtr makeBpeDecoder(std::string suffix)
{
    return std::make_unique<BpeDecoder>(std::move(suffix));
}

DecoderPtr makeByteFallbackDecoder()
{
    return std::make_unique<ByteFallbackDecoder>();
}

DecoderPtr makeFuseDecoder()
{
    return std::make_unique<FuseDecoder>();
}

DecoderPtr makeStripDecoder(char32_t content, std::size_t start, std::size_t stop)
{
    return std::make_unique<StripDecoder>(content, start, stop);
}

DecoderPtr makeReplaceDecoder(Pattern pattern, std::string with)
{
    return std::make_unique<ReplaceDecoder>(std::move(pattern), std::move(with));
}

DecoderPtr makeCtcDecoder(std::string pad, std::string wordDelimiter, bool cleansUp)
{
    return std::make_unique<CtcDecoder>(std::move(pad), std::move(wordDelimiter), cleansUp);
}

DecoderPtr makeDecoderSequence(std::vector<DecoderPtr> steps)
{
    return std::make_unique<DecoderSequence>(std::move(steps));
}

} // namespace tw
