// SPDX-License-Identifier: Apache-2.0
#include "core/data/source_text.h"

#include "core/base/mapped_file.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tw {
namespace {

constexpr std::uintmax_t kCopiedBytes = 64'000'000; // our choice: copying this takes milliseconds
constexpr std::size_t kMaxNotes = 100; // our choice: more than anybody reads

using namespace std::string_view_literals;

struct Signature
{
    std::string_view start;
    const char* what;
    const char* hint;
};

constexpr std::array kForeign {
    Signature {"PK\x03\x04"sv, "an Excel workbook or another zip archive",
               "Open it in a spreadsheet program and save the sheet as CSV (UTF-8), or unpack the "
               "archive."},
    Signature {"\xD0\xCF\x11\xE0"sv, "an old Excel workbook (.xls)",
               "Open it in a spreadsheet program and save the sheet as CSV (UTF-8)."},
    Signature {
        "PAR1"sv, "a Parquet file",
        "Convert it to CSV or JSONL first, for example with pandas: "
        "pandas.read_parquet(\"in.parquet\").to_json(\"out.jsonl\", orient=\"records\", "
        "lines=True); or use a build of Tunewright with Arrow (packaging/setup installs it)."},
    Signature {"\x1F\x8B"sv, "packed with gzip", "Unpack it first (gunzip)."},
    Signature {"\x28\xB5\x2F\xFD"sv, "packed with zstd", "Unpack it first (unzstd)."},
    Signature {"BZh"sv, "packed with bzip2", "Unpack it first (bunzip2)."},
    Signature {"\xFD"
               "7zXZ"sv,
               "packed with xz", "Unpack it first (unxz)."},
    Signature {"ARROW1"sv, "an Arrow file",
               "Save the data set as CSV or JSONL, or use a build of Tunewright with Arrow "
               "(packaging/setup installs it)."},
    Signature {"GGUF"sv, "a GGUF model", "Open it on the models page."},
    Signature {"SQLite format 3\0"sv, "an SQLite database", "Export the table as CSV."},
    Signature {"%PDF-"sv, "a PDF document", "Extract its text first (pdftotext)."},
    Signature {"\xFF\xFE"sv, "encoded as UTF-16",
               "Save it as UTF-8: \"CSV UTF-8\" in Excel, or iconv -f UTF-16 -t UTF-8."},
    Signature {"\xFE\xFF"sv, "encoded as UTF-16",
               "Save it as UTF-8: \"CSV UTF-8\" in Excel, or iconv -f UTF-16 -t UTF-8."},
    Signature {"\x00\x00\xFE\xFF"sv, "encoded as UTF-32",
               "Save it as UTF-8 (iconv -f UTF-32 -t UTF-8)."},
};

void refuseForeign(std::string_view text, const std::string& name)
{
    for (const Signature& signature : kForeign) {
        if (text.starts_with(signature.start))
            throw Error(name + " is " + signature.what + ", not a text file with rows.",
                        signature.hint);
    }
    const std::string_view head = text.substr(0, 4096);
    const auto zeros = std::count(head.begin(), head.end(), '\0');
    if (zeros * 4 > static_cast<std::ptrdiff_t>(head.size()))
        throw Error(name
                        + " is encoded as UTF-16, or is no text at all (every few bytes are zero).",
                    "Save it as UTF-8 (iconv -f UTF-16LE -t UTF-8), or check whether this is the "
                    "right file.");
    if (zeros > 0)
        throw Error(name + " is no text file (it has zero bytes at its start).",
                    "Check whether this is the right file.");
    if (head.find_first_not_of(" \t\r\n") == std::string_view::npos && text.size() <= head.size())
        throw Error(name + " is empty.", "Check whether this is the right file.");
}

} // namespace

SourceText::SourceText(const std::filesystem::path& path)
    : m_name(path.string())
{
    std::error_code code;
    if (std::filesystem::is_directory(path, code))
        throw Error(m_name + " is a folder without rows that can be read.",
                    "Name a file in it. Folders that can be opened hold images or sounds in a "
                    "folder per class, or were written by datasets.save_to_disk.");
    const std::uintmax_t size = std::filesystem::file_size(path, code);
    if (!code && size <= kCopiedBytes) {
        m_owned = readFile(path, kCopiedBytes);
        m_text = m_owned;
    } else {
        m_mapped = std::make_unique<const MappedFile>(path);
        const auto bytes = m_mapped->bytes();
        m_text = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    dropMark();
}

SourceText::SourceText(std::string text, std::string name)
    : m_name(std::move(name))
    , m_owned(std::move(text))
    , m_text(m_owned)
{
    dropMark();
}

SourceText::~SourceText() = default;

void SourceText::dropMark()
{
    if (m_text.starts_with("\xEF\xBB\xBF"))
        m_text.remove_prefix(3);
    refuseForeign(m_text, m_name);
}

std::string SourceText::extension() const
{
    std::string extension = std::filesystem::path(m_name).extension().string();
    extension.erase(0, 1);
    for (char& c : extension)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return extension;
}

void ReadingNotes::mended(std::int64_t line, const std::string& what, const std::string& hint)
{
    add(line, what, hint, true);
}

void ReadingNotes::leftOut(std::int64_t line, const std::string& what, const std::string& hint)
{
    add(line, what, hint, false);
}

void ReadingNotes::add(std::int64_t line,
                       const std::string& what,
                       const std::string& hint,
                       bool isWarning)
{
    if (m_problems.size() >= kMaxNotes) {
        ++m_more;
        // What was left out must not hide behind a hundred warnings.
        if (!isWarning)
            m_problems.back().isWarning = false;
        return;
    }
    m_problems.push_back(
        {line > 0 ? "line " + std::to_string(line) : "file", what, hint, isWarning});
}

Problems ReadingNotes::take()
{
    if (m_more > 0) {
        const bool isWarning = m_problems.back().isWarning;
        m_problems.push_back({"file",
                              "There are " + groupedDigits(m_more) + " more places like these.",
                              "Mend the first ones and open the file again.", isWarning});
    }
    m_more = 0;
    return std::move(m_problems);
}

std::string cleanText(std::string_view text, std::int64_t line, ReadingNotes& notes)
{
    if (isUtf8(text))
        return std::string(text);
    notes.mended(line, "Some bytes are not UTF-8; they were replaced by \xEF\xBF\xBD.",
                 "If the file was saved as Latin-1 or Windows-1252, save it again as UTF-8.");
    return repairedUtf8(text);
}

} // namespace tw
