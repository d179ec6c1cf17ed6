// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace tw {

/// A stretch of the file that holds one row, and the line at which it starts.
struct RecordSpan
{
    std::size_t start = 0;
    std::size_t length = 0;
    std::int64_t line = 0;
};

/// Where the rows of a file are, in a few bytes a row: files of short rows have so many of them
/// that three numbers each would take ten times the file.
class RecordIndex
{
public:
    /// Rows come in the order of the file.
    void add(const RecordSpan& span);
    std::size_t size() const { return m_size; }
    bool empty() const { return m_size == 0; }
    /// Throws std::out_of_range where there is no such row.
    RecordSpan at(std::size_t index) const;
    /// Calls visit(span) for each row.
    template <typename Visit>
    void forEach(Visit visit) const
    {
        Cursor cursor;
        for (std::size_t i = 0; i < m_size; ++i)
            visit(next(cursor));
    }

private:
    /// A row, and the place among the differences where the next one begins.
    struct Cursor
    {
        RecordSpan span;
        std::size_t place = 0;
    };
    void put(std::uint64_t number);
    std::uint64_t take(std::size_t& place) const;
    RecordSpan next(Cursor& cursor) const;

    std::deque<unsigned char> m_differences; ///< of each row to the one before, 7 bits a byte
    std::vector<Cursor> m_marks; ///< in front of every 64th row
    RecordSpan m_last;
    std::size_t m_size = 0;
};

} // namespace tw
