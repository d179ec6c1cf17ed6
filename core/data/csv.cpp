// SPDX-License-Identifier: Apache-2.0
// Separated values as RFC 4180 has them: cells may be quoted, quotes in them are doubled, quoted
// cells may hold line breaks. Delimiter and header are guessed. Only where rows start stays in
// memory.

#include "core/base/text.h"
#include "core/base/translate.h"
#include "core/data/records.h"
#include "core/data/registry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <utility>

namespace tw {
namespace {

struct ParsedRow
{
    std::vector<std::string> cells; ///< at most kMaxColumns + 1
    std::size_t width = 0; ///< how many cells there are
    std::size_t end = 0; ///< behind the line break
    std::int64_t lines = 0; ///< line breaks passed
    bool isQuoteOpen = false; ///< a quote was never closed
};

/// Reads the row that starts at text[at].
class RowParser
{
public:
    RowParser(std::string_view text, std::size_t at, char delimiter)
        : m_text(text)
        , m_at(at)
        , m_delimiter(delimiter)
    {
    }

    ParsedRow parse()
    {
        while (parseCell()) { }
        m_row.end = m_at;
        return std::move(m_row);
    }

private:
    bool parseCell() // true where another cell follows
    {
        std::string cell;
        if (m_at < m_text.size() && m_text[m_at] == '"')
            parseQuoted(cell);
        // What stands behind a closing quote belongs to the cell as it is, as Python's csv reads
        // it.
        const std::size_t start = m_at;
        while (m_at < m_text.size() && !isEnd(m_text[m_at]))
            ++m_at;
        cell.append(m_text.substr(start, m_at - start));
        if (m_row.width++ <= kMaxColumns)
            m_row.cells.push_back(std::move(cell));
        if (m_at >= m_text.size())
            return false;
        if (m_text[m_at] == m_delimiter) {
            ++m_at;
            return true;
        }
        skipLineBreak();
        return false;
    }

    void parseQuoted(std::string& cell)
    {
        ++m_at;
        for (;;) {
            const std::size_t quote = std::min(m_text.find('"', m_at), m_text.size());
            const std::string_view part = m_text.substr(m_at, quote - m_at);
            m_row.lines += std::count(part.begin(), part.end(), '\n');
            cell.append(part);
            m_at = quote;
            if (m_at >= m_text.size()) {
                m_row.isQuoteOpen = true;
                return;
            }
            ++m_at;
            if (m_at >= m_text.size() || m_text[m_at] != '"')
                return;
            cell.push_back('"');
            ++m_at;
        }
    }

    bool isEnd(char c) const { return c == m_delimiter || c == '\n' || c == '\r'; }
    void skipLineBreak()
    {
        ++m_row.lines;
        if (m_text[m_at] == '\r' && m_at + 1 < m_text.size() && m_text[m_at + 1] == '\n')
            ++m_at;
        ++m_at;
    }

    std::string_view m_text;
    std::size_t m_at;
    char m_delimiter;
    ParsedRow m_row;
};

bool isBlankRow(const ParsedRow& row)
{
    return row.width == 1 && row.cells.front().find_first_not_of(" \t") == std::string::npos;
}

bool isNumber(const std::string& cell)
{
    double number = 0.0;
    const std::string text = trimmed(cell);
    const char* const end = text.data() + text.size();
    return !text.empty() && std::from_chars(text.data(), end, number).ptr == end;
}

std::vector<ParsedRow> firstRows(std::string_view text, char delimiter, std::size_t count)
{
    std::vector<ParsedRow> rows;
    for (std::size_t at = 0; at < text.size() && rows.size() < count;) {
        ParsedRow row = RowParser(text, at, delimiter).parse();
        at = row.end;
        if (!isBlankRow(row))
            rows.push_back(std::move(row));
    }
    return rows;
}

/// How well a delimiter explains the first rows: the share of rows that are as wide as the first
/// one; 0 where it parts nothing.
double agreement(std::string_view text, char delimiter)
{
    const auto rows = firstRows(text, delimiter, 50);
    if (rows.empty() || rows.front().width < 2 || rows.front().isQuoteOpen)
        return 0.0;
    const std::size_t width = rows.front().width;
    const auto alike = std::count_if(rows.begin(), rows.end(),
                                     [&](const ParsedRow& row) { return row.width == width; });
    return static_cast<double>(alike) / static_cast<double>(rows.size());
}

char guessDelimiter(std::string_view text, const std::string& extension)
{
    if (extension == "tsv" || extension == "tab")
        return '\t';
    const std::string_view head = text.substr(0, 1'000'000);
    char best = ',';
    double bestAgreement = 0.0;
    for (const char delimiter : {',', '\t', ';', '|'}) {
        const double share = agreement(head, delimiter);
        if (share > bestAgreement) {
            bestAgreement = share;
            best = delimiter;
        }
    }
    return best;
}

/// A first row that names columns: short texts, all different, none a number; only the first (the
/// index that pandas writes) and the last ones (commas at the end) may be empty. One that is told
/// from the row below by nothing but its wording counts as names too. Where a cell is a column's
/// usual name, others may be empty or come twice.
bool isHeader(const std::vector<ParsedRow>& rows)
{
    std::vector<std::string> names;
    for (const std::string& cell : rows.front().cells)
        names.push_back(trimmed(cell));
    while (names.size() > 1 && names.back().empty())
        names.pop_back();
    const bool isUsual = std::any_of(names.begin(), names.end(), namesRole);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string& name = names[i];
        const bool isIndex = i == 0 && names.size() > 1;
        if (name.empty() && (isIndex || isUsual))
            continue;
        if (name.empty() || name.size() > 60 || name.find('\n') != std::string::npos
            || isNumber(name))
            return false;
        if (!seen.insert(name).second && !isUsual)
            return false;
    }
    // Sentences end with a stop, names do not.
    return std::none_of(seen.begin(), seen.end(), [](const std::string& name) {
        return name.ends_with('.') || name.ends_with('?');
    });
}

const char* delimiterName(char delimiter)
{
    switch (delimiter) {
    case '\t':
        return "tab";
    case ';':
        return "semicolon";
    case '|':
        return "bar";
    default:
        return "comma";
    }
}

class CsvDataset final : public Dataset
{
public:
    explicit CsvDataset(std::shared_ptr<const SourceText> source)
        : m_source(std::move(source))
        , m_delimiter(guessDelimiter(m_source->text(), m_source->extension()))
    {
        const auto head = firstRows(m_source->text(), m_delimiter, 2);
        const bool hasHeader = !head.empty() && isHeader(head);
        nameColumns(head, hasHeader);
        index(hasHeader);
        if (m_spans.empty())
            throw Error(m_source->name() + " has no rows.",
                        "The first line names the columns, rows follow it.");
    }

    const std::vector<std::string>& columns() const override { return m_columns; }
    std::int64_t rowCount() const override { return static_cast<std::int64_t>(m_spans.size()); }
    std::vector<std::string> row(std::int64_t index) const override
    {
        const RecordSpan span = m_spans.at(static_cast<std::size_t>(index));
        ParsedRow row = RowParser(m_source->text(), span.start, m_delimiter).parse();
        row.cells.resize(m_columns.size());
        for (std::string& cell : row.cells) {
            if (!isUtf8(cell))
                cell = repairedUtf8(cell);
        }
        return std::move(row.cells);
    }
    std::int64_t lineOf(std::int64_t index) const override
    {
        return m_spans.at(static_cast<std::size_t>(index)).line;
    }
    std::string format() const override { return m_format; }
    const Problems& problems() const override { return m_problems; }

private:
    void nameColumns(const std::vector<ParsedRow>& head, bool hasHeader)
    {
        const std::size_t width = head.empty() ? 0 : head.front().width;
        if (width > kMaxColumns)
            throw Error(m_source->name() + " has more than " + groupedDigits(kMaxColumns)
                            + " columns in its first row.",
                        "Check whether this is the right file.");
        std::set<std::string> taken; // roles go by names, so each is there once
        std::map<std::string, int> times;
        for (std::size_t i = 0; i < width; ++i) {
            std::string name =
                hasHeader ? trimmed(repairedUtf8(head.front().cells[i])) : std::string {};
            if (name.empty())
                name = "column " + std::to_string(i + 1);
            const std::string first = name;
            while (!taken.insert(name).second)
                name = first + " " + std::to_string(std::max(2, ++times[first] + 1));
            m_columns.push_back(std::move(name));
        }
        m_format = std::string(m_delimiter == '\t' ? "TSV" : "CSV") + ", "
            + delimiterName(m_delimiter) + (hasHeader ? "" : ", no header") + ", UTF-8";
    }

    void index(bool hasHeader)
    {
        ReadingNotes notes;
        std::int64_t line = 1;
        bool isFirst = hasHeader;
        const std::string_view text = m_source->text();
        for (std::size_t at = 0; at < text.size();) {
            const ParsedRow row = RowParser(text, at, m_delimiter).parse();
            if (!isBlankRow(row) && !std::exchange(isFirst, false)) {
                m_spans.add({at, row.end - at, line});
                check(row, line, text.substr(at, row.end - at), notes);
            }
            line += row.lines;
            at = row.end;
        }
        m_problems = notes.take();
    }

    void check(const ParsedRow& row,
               std::int64_t line,
               std::string_view bytes,
               ReadingNotes& notes) const
    {
        if (row.isQuoteOpen)
            notes.leftOut(line,
                          "A quote that opens in this row is never closed: the rest of the file "
                          "became one cell.",
                          "Close the quote, or double it (\"\") where it belongs to the text.");
        const std::string counts = std::to_string(row.width) + " cells where "
            + std::to_string(m_columns.size()) + " are expected";
        if (row.width > m_columns.size())
            notes.mended(line, "This row has " + counts + "; those at the end were left out.",
                         "Quote cells that contain a " + std::string(delimiterName(m_delimiter))
                             + ".");
        else if (row.width < m_columns.size())
            notes.mended(line, "This row has " + counts + "; the missing ones are empty.",
                         "Complete the row.");
        if (!isUtf8(bytes))
            cleanText(bytes, line, notes);
    }

    std::shared_ptr<const SourceText> m_source;
    char m_delimiter;
    std::string m_format;
    std::vector<std::string> m_columns;
    RecordIndex m_spans;
    Problems m_problems;
};

Fit fit(const SourceText& source)
{
    static constexpr std::array kNames {"csv", "tsv", "tab"};
    if (std::find(kNames.begin(), kNames.end(), source.extension()) != kNames.end())
        return Fit::ByNameAndContent;
    if (source.extension() == "txt" || source.extension() == "md" || source.extension() == "json")
        return Fit::No; // prose has commas too
    const std::string_view head = source.text().substr(0, 1'000'000);
    return std::max(agreement(head, ','), agreement(head, '\t')) > 0.99 ? Fit::ByContent : Fit::No;
}

std::shared_ptr<const Dataset> open(std::shared_ptr<const SourceText> source)
{
    return std::make_shared<CsvDataset>(std::move(source));
}

} // namespace

void registerCsv(Registry<DataReader>& registry)
{
    registry.add({"csv", QT_TRANSLATE_NOOP("data", "CSV and TSV"), fit, open});
}

} // namespace tw
