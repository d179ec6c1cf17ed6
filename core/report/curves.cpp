// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/drawing.h"
#include "core/report/html.h"
#include "core/report/registry.h"

namespace tw {
namespace {

std::string body(const ReportInput& input)
{
    std::string out;
    for (const ReportChart& chart : input.charts) {
        const std::string drawing = lineChart(chart);
        if (!drawing.empty())
            out += "<figure><figcaption>" + html::escaped(chart.title) + "</figcaption>" + drawing
                + html::dataBehind(chart.id, dataOf(chart)) + "</figure>\n";
    }
    return out.empty() ? out : "<div class=\"charts\">\n" + out + "</div>\n";
}

} // namespace

void registerCurves(Registry<ReportSection>& registry)
{
    registry.add({"curves", QT_TRANSLATE_NOOP("report", "Curves"),
                  QT_TRANSLATE_NOOP("report", "Loss and other measures over the steps."), body});
}

} // namespace tw
