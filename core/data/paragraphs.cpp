// SPDX-License-Identifier: Apache-2.0
// Plain text: one row per paragraph; paragraphs are parted by blank lines.

#include "core/base/text.h"
#include "core/base/translate.h"
#include "core/data/records.h"
#include "core/data/registry.h"

#include <algorithm>

namespace tw {
namespace {

class Paragraphs final : public Dataset
{
public:
    explicit Paragraphs(std::shared_ptr<const SourceText> source)
        : m_source(std::move(source))
    {
        ReadingNotes notes;
        const std::string_view text = m_source->text();
        std::int64_t line = 1;
        bool isInside = false;
        RecordSpan paragraph;
        for (std::size_t at = 0; at < text.size(); ++line) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            const std::string_view content = text.substr(at, end - at);
            const bool isBlank = content.find_first_not_of(" \t\r\f\v") == std::string_view::npos;
            if (isBlank && isInside)
                m_spans.add(paragraph);
            if (!isBlank && !isInside)
                paragraph = {at, 0, line};
            if (!isBlank) {
                paragraph.length = end - paragraph.start;
                cleanText(content, line, notes);
            }
            isInside = !isBlank;
            at = end + 1;
        }
        if (isInside)
            m_spans.add(paragraph);
        if (m_spans.empty())
            throw Error(m_source->name() + " is empty.", "Check whether this is the right file.");
        m_problems = notes.take();
    }

    const std::vector<std::string>& columns() const override { return m_columns; }
    std::int64_t rowCount() const override { return static_cast<std::int64_t>(m_spans.size()); }
    std::vector<std::string> row(std::int64_t index) const override
    {
        const RecordSpan span = m_spans.at(static_cast<std::size_t>(index));
        std::string text = repairedUtf8(m_source->text().substr(span.start, span.length));
        std::size_t kept = 0; // Windows line ends become plain ones
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '\r' || (i + 1 < text.size() && text[i + 1] != '\n'))
                text[kept++] = text[i];
        }
        text.resize(kept);
        return {text};
    }
    std::int64_t lineOf(std::int64_t index) const override
    {
        return m_spans.at(static_cast<std::size_t>(index)).line;
    }
    std::string format() const override { return "plain text, a row per paragraph, UTF-8"; }
    const Problems& problems() const override { return m_problems; }

private:
    std::shared_ptr<const SourceText> m_source;
    std::vector<std::string> m_columns {"text"};
    RecordIndex m_spans;
    Problems m_problems;
};

Fit fit(const SourceText& source)
{
    const std::string extension = source.extension();
    return extension == "txt" || extension == "md" || extension == "text" ? Fit::ByName
                                                                          : Fit::ByContent;
}

std::shared_ptr<const Dataset> open(std::shared_ptr<const SourceText> source)
{
    return std::make_shared<Paragraphs>(std::move(source));
}

} // namespace

void registerParagraphs(Registry<DataReader>& registry)
{
    registry.add({"text", QT_TRANSLATE_NOOP("data", "Plain text"), fit, open});
}

} // namespace tw
