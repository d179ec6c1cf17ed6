// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/aligned_text.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>

namespace tw {
namespace {

// A character of the longest known expansion (U+FDFA) becomes 18; a tokenizer.json that turns each
// into pages of text is broken or meant to harm.
constexpr std::size_t kMostGrowth = 64;
constexpr std::size_t kAlwaysAllowed = std::size_t {1} << 18U;

} // namespace

void AlignedText::assign(std::string_view input, std::size_t begin)
{
    m_text.assign(input);
    m_origins.clear();
    m_begin = begin;
    m_given = input.size();
}

void AlignedText::assign(const AlignedText& other, TextRange part)
{
    m_text.assign(other.view(part));
    m_begin = other.m_begin + part.begin;
    m_given = m_text.size();
    m_origins.clear();
    if (!other.m_origins.empty())
        m_origins.assign(other.m_origins.begin() + static_cast<std::ptrdiff_t>(part.begin),
                         other.m_origins.begin() + static_cast<std::ptrdiff_t>(part.end));
}

TextRange AlignedText::originOf(std::size_t from, std::size_t to) const
{
    if (m_origins.empty())
        return {m_begin + from, m_begin + to};
    if (from == to) {
        const std::size_t at =
            from < m_origins.size() ? m_origins[from].begin : m_origins.back().end;
        return {at, at};
    }
    const Origin first = m_origins[from];
    const Origin last = m_origins[to - 1];
    return {first.begin, std::max(first.end, last.end)};
}

Rewriter::Rewriter(AlignedText& text)
    : m_text(text)
    , m_most(kAlwaysAllowed + kMostGrowth * text.m_given)
{
    text.m_spareText.clear();
    text.m_spareOrigins.clear();
    text.m_spareText.reserve(text.size() + text.size() / 8);
    text.m_spareOrigins.reserve(text.size() + text.size() / 8);
}

void Rewriter::checkGrowth(std::size_t bytes) const
{
    if (bytes > m_most || size() > m_most - bytes)
        throw Error("The tokenizer's normalizer makes a text more than "
                        + std::to_string(kMostGrowth) + " times as long.",
                    "Check that the tokenizer is not damaged: download it again.");
}

void Rewriter::keep(std::size_t from, std::size_t to)
{
    checkGrowth(to - from);
    m_text.m_spareText.append(m_text.m_text, from, to - from);
    if (!m_text.m_origins.empty()) {
        const auto first = m_text.m_origins.begin();
        m_text.m_spareOrigins.insert(m_text.m_spareOrigins.end(),
                                     first + static_cast<std::ptrdiff_t>(from),
                                     first + static_cast<std::ptrdiff_t>(to));
        return;
    }
    for (std::size_t at = from; at < to; ++at)
        m_text.m_spareOrigins.push_back(m_text.originAt(at));
}

void Rewriter::put(std::string_view with, std::size_t from, std::size_t to)
{
    checkGrowth(with.size());
    const TextRange origin = m_text.originOf(from, to);
    m_text.m_spareText += with;
    m_text.m_spareOrigins.insert(
        m_text.m_spareOrigins.end(), with.size(),
        {static_cast<std::uint32_t>(origin.begin), static_cast<std::uint32_t>(origin.end)});
}

void Rewriter::put(char32_t point, std::size_t from, std::size_t to)
{
    std::string with;
    appendUtf8(with, point);
    put(with, from, to);
}

void Rewriter::finish()
{
    m_text.m_text.swap(m_text.m_spareText);
    m_text.m_origins.swap(m_text.m_spareOrigins);
}

} // namespace tw
