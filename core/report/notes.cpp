// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/html.h"
#include "core/report/markdown.h"
#include "core/report/registry.h"

namespace tw {
namespace {

std::string body(const ReportInput& input)
{
    std::string out;
    for (const ReportNote& note : input.notes) {
        if (note.markdown.empty())
            continue;
        const std::string title =
            note.title.empty() ? "" : "<h3>" + html::escaped(note.title) + "</h3>";
        out += "<div class=\"note\">" + title + markdownToHtml(note.markdown) + "</div>\n";
    }
    return out;
}

} // namespace

void registerNotes(Registry<ReportSection>& registry)
{
    registry.add({"notes", QT_TRANSLATE_NOOP("report", "Notes"),
                  QT_TRANSLATE_NOOP("report", "What you want to say, in Markdown."), body});
}

} // namespace tw
