// SPDX-License-Identifier: Apache-2.0
#include "core/data/record_index.h"

#include <stdexcept>

namespace tw {
namespace {

constexpr std::size_t kRowsPerMark = 64;

} // namespace

void RecordIndex::add(const RecordSpan& span)
{
    if (m_size++ % kRowsPerMark == 0)
        m_marks.push_back({m_last, m_differences.size()});
    put(span.start - m_last.start);
    put(span.length);
    put(static_cast<std::uint64_t>(span.line - m_last.line));
    m_last = span;
}

RecordSpan RecordIndex::at(std::size_t index) const
{
    if (index >= m_size)
        throw std::out_of_range("no such row");
    Cursor cursor = m_marks[index / kRowsPerMark];
    for (std::size_t i = 0; i < index % kRowsPerMark; ++i)
        next(cursor);
    return next(cursor);
}

void RecordIndex::put(std::uint64_t number)
{
    for (; number >= 0x80; number >>= 7U)
        m_differences.push_back(static_cast<unsigned char>(number | 0x80U));
    m_differences.push_back(static_cast<unsigned char>(number));
}

std::uint64_t RecordIndex::take(std::size_t& place) const
{
    std::uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
        const unsigned char byte = m_differences[place++];
        number |= std::uint64_t {byte & 0x7FU} << shift;
        if (byte < 0x80)
            return number;
    }
}

RecordSpan RecordIndex::next(Cursor& cursor) const
{
    cursor.span.start += take(cursor.place);
    cursor.span.length = take(cursor.place);
    cursor.span.line += static_cast<std::int64_t>(take(cursor.place));
    return cursor.span;
}

} // namespace tw
