// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/drawing.h"
#include "core/report/html.h"
#include "core/report/registry.h"

#include <algorithm>

namespace tw {
namespace {

std::string signedNumber(double value)
{
    return (value > 0 ? "+" : "") + html::number(value, 2);
}

std::string body(const ReportInput& input)
{
    std::string out;
    for (const AnalysisResult& result : input.analyses) {
        if (result.texts.empty())
            continue;
        out += shadeLegend("base wants it more", "tuned model wants it more")
            + "<div class=\"texts\">\n";
        for (std::size_t i = 0; i < result.texts.size(); ++i) {
            const ShadedText& text = result.texts[i];
            const double tokens = static_cast<double>(std::max<std::size_t>(text.spans.size(), 1));
            out += "<div><span class=\"no\">" + std::to_string(i + 1) + "</span>" + shadedText(text)
                + "<span class=\"score\" title=\"" + html::escaped(signedNumber(text.score))
                + " nats in all\">" + signedNumber(text.score / tokens) + "</span></div>\n";
        }
        out += "</div><p><small>At the right: mean contrast, nats a token.</small></p>\n";
    }
    return out;
}

} // namespace

void registerNovelty(Registry<ReportSection>& registry)
{
    registry.add(
        {"novelty", QT_TRANSLATE_NOOP("report", "What is new in it"),
         QT_TRANSLATE_NOOP(
             "report", "Texts that the tuned model wants more than the base, shaded by how much."),
         body});
}

} // namespace tw
