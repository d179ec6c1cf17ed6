// SPDX-License-Identifier: Apache-2.0
// JSON Lines: one JSON value a line.

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/translate.h"
#include "core/data/records.h"
#include "core/data/registry.h"

namespace tw {
namespace {

bool isBlank(std::string_view line)
{
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

RecordIndex linesOf(std::string_view text)
{
    RecordIndex spans;
    std::int64_t line = 0;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        ++line;
        if (!isBlank(text.substr(start, end - start)))
            spans.add({start, end - start, line});
        start = end + 1;
    }
    return spans;
}

/// A whole object on the first line: JSON Lines, even under the name .json; a pretty-printed file
/// breaks earlier.
bool startsWithRecordLine(std::string_view text)
{
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || text[start] != '{')
        return false;
    const std::size_t end = text.find('\n', start);
    if (end == std::string_view::npos
        || text.find_first_not_of(" \t\r\n", end) == std::string_view::npos)
        return false;
    return Json::accept(repairedUtf8(text.substr(start, end - start)));
}

Fit fit(const SourceText& source)
{
    const std::string extension = source.extension();
    if (extension == "jsonl" || extension == "ndjson")
        return Fit::ByNameAndContent;
    return startsWithRecordLine(source.text()) ? Fit::ByName : Fit::No;
}

std::shared_ptr<const Dataset> open(std::shared_ptr<const SourceText> source)
{
    const RecordIndex spans = linesOf(source->text());
    return jsonRecords(std::move(source), spans, "JSON Lines, UTF-8");
}

} // namespace

void registerJsonl(Registry<DataReader>& registry)
{
    registry.add({"jsonl", QT_TRANSLATE_NOOP("data", "JSON Lines"), fit, open});
}

} // namespace tw
