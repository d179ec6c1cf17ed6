// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/drawing.h"
#include "core/report/html.h"
#include "core/report/registry.h"

namespace tw {
namespace {

/// The matrix called "intruders" of the same result: its numbers are written into the cells.
const ResultMatrix* countsOf(const AnalysisResult& result)
{
    for (const ResultMatrix& matrix : result.matrices)
        if (matrix.id == "intruders")
            return &matrix;
    return nullptr;
}

std::string body(const ReportInput& input)
{
    std::string out;
    int number = 0;
    for (const AnalysisResult& result : input.analyses) {
        for (const ResultMatrix& matrix : result.matrices) {
            const ResultMatrix* counts = matrix.id == "change" ? countsOf(result) : nullptr;
            const std::string drawing = heatMap(matrix, counts);
            if (drawing.empty())
                continue;
            const std::string remark =
                counts == nullptr ? "Blocks across." : "Blocks across, numbers count intruders.";
            out += "<h3>" + html::escaped(matrix.title) + " <small>" + remark + "</small></h3>"
                + drawing
                + html::dataBehind("map-" + std::to_string(++number) + "-" + matrix.id,
                                   dataOf(matrix));
        }
    }
    return out;
}

} // namespace

void registerWeights(Registry<ReportSection>& registry)
{
    registry.add({"weights", QT_TRANSLATE_NOOP("report", "Where the weights changed"),
                  QT_TRANSLATE_NOOP("report", "Heat maps of the X-ray, layer by layer."), body});
}

} // namespace tw
