// SPDX-License-Identifier: Apache-2.0
#include "core/data/records.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <unordered_map>

namespace tw {
namespace {

class JsonRecords final : public Dataset
{
public:
    JsonRecords(std::shared_ptr<const SourceText> source,
                const RecordIndex& spans,
                std::string format)
        : m_source(std::move(source))
        , m_format(std::move(format))
    {
        ReadingNotes notes;
        std::string firstFailure;
        spans.forEach([&](const RecordSpan& span) {
            std::vector<std::string> names;
            try {
                const std::string text = cleanText(textOf(span), span.line, notes);
                names = columnsOf(parseJson(text, "row"));
            } catch (const Error& error) {
                const std::string what = std::string("This row was left out: ") + error.what();
                if (firstFailure.empty())
                    firstFailure = placeOf(span) + ": " + error.what();
                notes.leftOut(span.line, what, "Mend the line, or delete it.");
                return;
            }
            addColumns(names);
            m_spans.add(span);
        });
        if (m_spans.empty())
            throw Error(firstFailure.empty() ? m_source->name() + " has no rows." : firstFailure,
                        "Each row has to be a JSON object such as {\"prompt\": \"...\", "
                        "\"answer\": \"...\"}.");
        m_problems = notes.take();
    }

    const std::vector<std::string>& columns() const override { return m_columns; }
    std::int64_t rowCount() const override { return static_cast<std::int64_t>(m_spans.size()); }
    std::vector<std::string> row(std::int64_t index) const override
    {
        const RecordSpan span = m_spans.at(static_cast<std::size_t>(index));
        const Json json = parseJson(repairedUtf8(textOf(span)), placeOf(span));
        std::vector<std::string> cells(m_columns.size());
        if (json.is_string())
            cells.at(m_index.at("text")) = json.get<std::string>();
        else
            for (const auto& [key, value] : json.items())
                cells.at(m_index.at(key)) = cellOf(value);
        return cells;
    }
    std::int64_t lineOf(std::int64_t index) const override
    {
        return m_spans.at(static_cast<std::size_t>(index)).line;
    }
    std::string format() const override { return m_format; }
    const Problems& problems() const override { return m_problems; }

private:
    std::string_view textOf(const RecordSpan& span) const
    {
        return m_source->text().substr(span.start, span.length);
    }
    std::string placeOf(const RecordSpan& span) const
    {
        return m_source->name() + (span.line > 0 ? ", line " + std::to_string(span.line) : "");
    }
    static std::vector<std::string> columnsOf(const Json& json)
    {
        if (json.is_string())
            return {"text"};
        if (!json.is_object())
            throw Error(std::string("it is a JSON ") + json.type_name()
                        + ", not an object or a text.");
        std::vector<std::string> names;
        for (const auto& item : json.items())
            names.push_back(item.key());
        return names;
    }
    void addColumns(const std::vector<std::string>& names)
    {
        for (const std::string& name : names) {
            if (m_index.contains(name))
                continue;
            if (m_columns.size() == kMaxColumns) // a file whose keys are data, not names
                throw Error(m_source->name() + " has more than " + groupedDigits(kMaxColumns)
                                + " different keys.",
                            "Its keys seem to be data: turn them into values.");
            m_index.emplace(name, m_columns.size());
            m_columns.push_back(name);
        }
    }

    std::shared_ptr<const SourceText> m_source;
    std::string m_format;
    RecordIndex m_spans;
    std::vector<std::string> m_columns;
    std::unordered_map<std::string, std::size_t> m_index;
    Problems m_problems;
};

class Table final : public Dataset
{
public:
    Table(std::vector<std::string> columns,
          std::vector<std::vector<std::string>> rows,
          std::string format,
          Problems problems)
        : m_columns(std::move(columns))
        , m_rows(std::move(rows))
        , m_format(std::move(format))
        , m_problems(std::move(problems))
    {
    }
    const std::vector<std::string>& columns() const override { return m_columns; }
    std::int64_t rowCount() const override { return static_cast<std::int64_t>(m_rows.size()); }
    std::vector<std::string> row(std::int64_t index) const override
    {
        return m_rows.at(static_cast<std::size_t>(index));
    }
    std::int64_t lineOf(std::int64_t) const override { return 0; }
    std::string format() const override { return m_format; }
    const Problems& problems() const override { return m_problems; }

private:
    std::vector<std::string> m_columns;
    std::vector<std::vector<std::string>> m_rows;
    std::string m_format;
    Problems m_problems;
};

} // namespace

std::shared_ptr<const Dataset>
jsonRecords(std::shared_ptr<const SourceText> source, const RecordIndex& spans, std::string format)
{
    return std::make_shared<JsonRecords>(std::move(source), spans, std::move(format));
}

std::shared_ptr<const Dataset> tableOf(std::vector<std::string> columns,
                                       std::vector<std::vector<std::string>> rows,
                                       std::string format,
                                       Problems problems)
{
    return std::make_shared<Table>(std::move(columns), std::move(rows), std::move(format),
                                   std::move(problems));
}

std::string cellOf(const Json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    return value.is_null() ? std::string {} : value.dump();
}

} // namespace tw
