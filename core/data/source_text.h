// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tw {

class MappedFile;

/// The bytes of a text file without its byte order mark. Small files are copied, so that an editor
/// that rewrites them does no harm; large ones are mapped.
class SourceText
{
public:
    /// Throws Error where the file cannot be read or is no UTF-8 text: empty, a workbook, Parquet,
    /// packed, UTF-16.
    explicit SourceText(const std::filesystem::path& path);
    SourceText(std::string text, std::string name);
    ~SourceText();
    SourceText(const SourceText&) = delete;
    SourceText& operator=(const SourceText&) = delete;

    std::string_view text() const { return m_text; }
    const std::string& name() const { return m_name; } ///< the path, for messages
    std::string extension() const; ///< "csv": lower case, without the dot

private:
    void dropMark();

    std::string m_name;
    std::string m_owned;
    std::unique_ptr<const MappedFile> m_mapped;
    std::string_view m_text;
};

/// Notes of what reading found, each with its line; after a hundred they are only counted.
class ReadingNotes
{
public:
    void mended(std::int64_t line, const std::string& what, const std::string& hint);
    void leftOut(std::int64_t line, const std::string& what, const std::string& hint);
    /// The notes, with a last one that tells how many more there were.
    Problems take();

private:
    void add(std::int64_t line, const std::string& what, const std::string& hint, bool isWarning);

    Problems m_problems;
    std::int64_t m_more = 0;
};

/// text as well-formed UTF-8; a note is made where bytes had to be replaced.
std::string cleanText(std::string_view text, std::int64_t line, ReadingNotes& notes);

} // namespace tw
