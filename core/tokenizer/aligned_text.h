// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tw {

/// Bytes [begin, end) of a text.
struct TextRange
{
    std::size_t begin = 0;
    std::size_t end = 0;

    bool isEmpty() const { return begin == end; }
    bool operator==(const TextRange&) const = default;
};

/// A text on its way from the input to tokens, and for each of its bytes the bytes of the input
/// that it stands for. As long as nothing is rewritten, that costs nothing.
class AlignedText
{
public:
    /// Becomes the stretch of an input that begins at byte `begin` there.
    void assign(std::string_view input, std::size_t begin);
    /// Becomes a part of another one.
    void assign(const AlignedText& other, TextRange part);

    const std::string& text() const { return m_text; }
    std::size_t size() const { return m_text.size(); }
    std::string_view view(TextRange range) const
    {
        return std::string_view(m_text).substr(range.begin, range.end - range.begin);
    }
    /// The bytes of the input that [from, to) stands for; of nothing, the place where it stands.
    TextRange originOf(std::size_t from, std::size_t to) const;

private:
    friend class Rewriter;
    struct Origin
    {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
    };
    Origin originAt(std::size_t at) const
    {
        const auto here = static_cast<std::uint32_t>(m_begin + at);
        return m_origins.empty() ? Origin {here, here + 1} : m_origins[at];
    }

    std::string m_text;
    std::vector<Origin> m_origins; ///< empty: byte i stands for byte m_begin + i of the input
    std::size_t m_begin = 0;
    std::size_t m_given = 0; ///< bytes before anything was rewritten
    std::string m_spareText; ///< room for the next version
    std::vector<Origin> m_spareOrigins;
};

/// Writes the next version of a text from left to right; finish() puts it in place of the text.
class Rewriter
{
public:
    explicit Rewriter(AlignedText& text);
    Rewriter(const Rewriter&) = delete;
    Rewriter& operator=(const Rewriter&) = delete;

    const std::string& old() const { return m_text.m_text; }
    std::size_t size() const { return m_text.m_spareText.size(); } ///< bytes written
    // Both throw Error where a text grows without measure.
    /// Bytes [from, to) of the old version, as they are.
    void keep(std::size_t from, std::size_t to);
    /// `with` in place of bytes [from, to) of the old version; from == to: before them.
    void put(std::string_view with, std::size_t from, std::size_t to);
    void put(char32_t point, std::size_t from, std::size_t to);
    void finish();

private:
    void checkGrowth(std::size_t bytes) const;

    AlignedText& m_text;
    std::size_t m_most = 0;
};

} // namespace tw
