// SPDX-License-Identifier: Apache-2.0
// JSON: an array of objects or of texts, an object with one such array, or an object of columns.

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/translate.h"
#include "core/data/records.h"
#include "core/data/registry.h"

#include <algorithm>

namespace tw {
namespace {

constexpr const char* kAdvice =
    "Write an array of objects: [{\"prompt\": \"...\", \"answer\": \"...\"}, ...].";

/// Walks over JSON that is known to be well-formed and finds where values start and end.
class Walker
{
public:
    explicit Walker(std::string_view text)
        : m_text(text)
    {
    }

    void toArray() // moves to just behind the '[' of the outermost array
    {
        while (m_text[m_at] != '[') {
            if (m_text[m_at] == '"')
                skipString();
            else
                advance();
        }
        advance();
    }
    /// The next element, or false at the closing bracket.
    bool next(RecordSpan& span)
    {
        skipBlank();
        if (m_text[m_at] == ',') {
            advance();
            skipBlank();
        }
        if (m_text[m_at] == ']')
            return false;
        span = {m_at, 0, m_line};
        skipValue();
        span.length = m_at - span.start;
        return true;
    }

private:
    void advance()
    {
        if (m_text[m_at] == '\n')
            ++m_line;
        ++m_at;
    }
    void skipBlank()
    {
        while (std::string_view(" \t\r\n").find(m_text[m_at]) != std::string_view::npos)
            advance();
    }
    void skipString()
    {
        for (advance(); m_text[m_at] != '"'; advance()) {
            if (m_text[m_at] == '\\')
                advance();
        }
        advance();
    }
    void skipValue()
    {
        int depth = 0;
        for (;; advance()) {
            const char c = m_text[m_at];
            if (c == '"') {
                skipString();
                if (depth == 0)
                    return;
                --m_at; // the loop's own step
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if (c == '}' || c == ']') {
                if (depth == 0)
                    return; // the end of the array behind a number or a word
                if (--depth == 0)
                    return advance();
            } else if (c == ',' && depth == 0) {
                return;
            }
        }
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::int64_t m_line = 1;
};

std::shared_ptr<const Dataset> openArray(std::shared_ptr<const SourceText> source)
{
    RecordIndex spans;
    Walker walker(source->text());
    walker.toArray();
    for (RecordSpan span; walker.next(span);)
        spans.add(span);
    return jsonRecords(std::move(source), spans, "JSON, array of rows, UTF-8");
}

/// A table has rows x columns cells, whatever the file holds: a few long columns beside very many
/// short ones would ask for gigabytes.
void checkTable(const Json& json, std::size_t rowCount, const std::string& name)
{
    constexpr std::size_t kMaxMissing = 1'000'000;
    if (json.size() > kMaxColumns)
        throw Error(name + " has more than " + groupedDigits(kMaxColumns) + " columns.",
                    "Its keys seem to be data: turn them into values.");
    std::size_t missing = 0;
    for (const Json& column : json)
        missing += rowCount - column.size();
    if (missing > kMaxMissing)
        throw Error(name + ": its columns are of very different lengths; "
                        + groupedDigits(static_cast<std::int64_t>(missing))
                        + " cells would be empty.",
                    kAdvice);
}

std::shared_ptr<const Dataset> openColumns(const Json& json, const std::string& name)
{
    std::vector<std::string> columns;
    std::size_t rowCount = 0;
    for (const auto& [key, column] : json.items()) {
        columns.push_back(key);
        rowCount = std::max(rowCount, column.size());
    }
    if (rowCount == 0)
        throw Error(name + " has no rows.", kAdvice);
    checkTable(json, rowCount, name);
    std::vector<std::vector<std::string>> rows(rowCount, std::vector<std::string>(columns.size()));
    Problems problems;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const Json& column = json.at(columns[c]);
        for (std::size_t r = 0; r < column.size(); ++r)
            rows[r][c] = cellOf(column[r]);
        if (column.size() != rowCount)
            problems.push_back({columns[c],
                                "This column has " + std::to_string(column.size())
                                    + " values, the longest has " + std::to_string(rowCount)
                                    + "; the rest was left empty.",
                                "Check whether the rows still belong together.", false});
    }
    return tableOf(std::move(columns), std::move(rows), "JSON, object of columns, UTF-8",
                   std::move(problems));
}

bool isArrayOfRecords(const Json& json)
{
    return json.is_array() && !json.empty() && json.front().is_object();
}

std::shared_ptr<const Dataset> openObject(std::shared_ptr<const SourceText> source,
                                          const Json& json)
{
    const auto isArray = [](const Json& value) { return value.is_array(); };
    if (json.size() == 1 && isArrayOfRecords(json.front()))
        return openArray(std::move(source));
    if (!json.empty() && std::all_of(json.begin(), json.end(), isArray))
        return openColumns(json, source->name());
    const auto records = std::find_if(json.begin(), json.end(), isArrayOfRecords);
    if (records == json.end())
        throw Error(source->name() + " is one JSON object, not a list of rows.", kAdvice);
    if (std::count_if(json.begin(), json.end(), isArrayOfRecords) > 1)
        throw Error(source->name() + " holds several lists of rows.",
                    "Put each into a file of its own.");
    RecordIndex spans;
    const auto inner = std::make_shared<SourceText>(records->dump(1), source->name());
    Walker walker(inner->text());
    walker.toArray();
    for (RecordSpan span; walker.next(span);) {
        span.line = 0; // the lines of the copy say nothing about the file
        spans.add(span);
    }
    return jsonRecords(inner, spans, "JSON, list \"" + records.key() + "\", UTF-8");
}

Fit fit(const SourceText& source)
{
    const std::string_view text = source.text();
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    const bool isLikely =
        start != std::string_view::npos && (text[start] == '[' || text[start] == '{');
    if (source.extension() == "json")
        return isLikely && text[start] == '[' ? Fit::ByNameAndContent : Fit::ByName;
    return isLikely ? Fit::ByContent : Fit::No;
}

std::shared_ptr<const Dataset> open(std::shared_ptr<const SourceText> source)
{
    // Repairing bytes never touches brackets or quotes: the walk over the file itself stays right,
    // and notes each row.
    const Json json = parseJson(repairedUtf8(source->text()), source->name());
    if (json.is_array())
        return openArray(std::move(source));
    if (json.is_object())
        return openObject(std::move(source), json);
    throw Error(source->name() + " is a single JSON value, not a list of rows.", kAdvice);
}

} // namespace

void registerJsonArray(Registry<DataReader>& registry)
{
    registry.add({"json", QT_TRANSLATE_NOOP("data", "JSON"), fit, open});
}

} // namespace tw
