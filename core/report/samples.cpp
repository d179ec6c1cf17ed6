// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/html.h"
#include "core/report/registry.h"

namespace tw {
namespace {

std::string body(const ReportInput& input)
{
    std::string out;
    for (const ReportSample& sample : input.samples) {
        out += "<div class=\"sample\"><div class=\"prompt\"><small>Prompt</small>"
            + html::escaped(sample.prompt) + "</div><div><small>Base</small>"
            + html::escaped(sample.base) + "</div><div><small>"
            + (sample.run.empty() ? "Tuned" : html::escaped(sample.run)) + "</small>"
            + html::escaped(sample.tuned) + "</div>";
        if (!sample.target.empty())
            out += "<div class=\"target\"><small>Expected</small>" + html::escaped(sample.target)
                + "</div>";
        out += "</div>\n";
    }
    return out;
}

} // namespace

void registerSamples(Registry<ReportSection>& registry)
{
    registry.add(
        {"samples", QT_TRANSLATE_NOOP("report", "Samples side by side"),
         QT_TRANSLATE_NOOP("report", "What base and tuned model wrote for the same prompts."),
         body});
}

} // namespace tw
