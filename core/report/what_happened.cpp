// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/html.h"
#include "core/report/registry.h"

namespace tw {
namespace {

/// What is said in words: findings that were passed, then what each analysis says of itself.
std::string body(const ReportInput& input)
{
    std::string rows;
    for (const ReportFinding& finding : input.findings)
        rows += "<li><b>" + html::escaped(finding.figure) + "</b><span>"
            + html::escaped(finding.text) + "</span></li>\n";
    for (const AnalysisResult& result : input.analyses)
        if (!result.summary.empty())
            rows += "<li class=\"whole\"><span>" + html::escaped(result.summary) + "</span></li>\n";
    return rows.empty() ? std::string() : "<ol class=\"findings\">\n" + rows + "</ol>\n";
}

} // namespace

void registerWhatHappened(Registry<ReportSection>& registry)
{
    registry.add({"what-happened", QT_TRANSLATE_NOOP("report", "What happened"),
                  QT_TRANSLATE_NOOP("report", "The findings, a sentence each, number first."),
                  body});
}

} // namespace tw
