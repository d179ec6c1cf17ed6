// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/drawing.h"
#include "core/report/html.h"
#include "core/report/registry.h"

namespace tw {
namespace {

std::string numbersOf(const AnalysisResult& result)
{
    std::vector<std::pair<std::string, std::string>> rows;
    for (const NamedNumber& number : result.numbers)
        rows.emplace_back(number.title,
                          html::shortNumber(number.value)
                              + (number.unit.empty() ? "" : " " + number.unit)
                              + (number.note.empty() ? "" : ", " + number.note));
    return rows.empty() ? std::string() : html::facts(rows);
}

std::string tablesOf(const AnalysisResult& result, const std::string& prefix)
{
    std::string out;
    for (const ResultTable& table : result.tables) {
        const html::Data data {table.columns, table.rows};
        out += "<h3>" + html::escaped(table.title) + " <small>" + std::to_string(table.rows.size())
            + " rows</small></h3>";
        out += table.rows.empty() ? std::string("<p>None.</p>")
                                  : "<div class=\"tall\">" + html::table(data) + "</div>";
        out += table.rows.empty() ? std::string() : html::dataBehind(prefix + table.id, data);
    }
    return out;
}

std::string seriesOf(const AnalysisResult& result, const std::string& prefix)
{
    std::string out;
    for (const ResultSeries& series : result.series) {
        ReportChart chart;
        chart.id = prefix + series.id;
        chart.title = series.title;
        chart.xTitle = series.xTitle;
        chart.yTitle = series.yTitle;
        chart.lines = {series};
        if (const std::string drawing = lineChart(chart); !drawing.empty())
            out += "<figure><figcaption>" + html::escaped(series.title) + "</figcaption>" + drawing
                + html::dataBehind(chart.id, dataOf(chart)) + "</figure>\n";
    }
    return out.empty() ? out : "<div class=\"charts\">" + out + "</div>\n";
}

std::string body(const ReportInput& input)
{
    std::string out;
    for (std::size_t i = 0; i < input.analyses.size(); ++i) {
        const AnalysisResult& result = input.analyses[i];
        const std::string prefix = "analysis-" + std::to_string(i + 1) + "-";
        const std::string inside =
            numbersOf(result) + tablesOf(result, prefix) + seriesOf(result, prefix);
        if (!inside.empty())
            out += "<h3>" + html::escaped(result.title) + "</h3>\n" + inside;
        if (!inside.empty() && !result.provenance.empty())
            out += "<details><summary>How it was made</summary><pre>"
                + html::escaped(result.provenance) + "</pre></details>\n";
    }
    return out;
}

} // namespace

void registerFindings(Registry<ReportSection>& registry)
{
    registry.add(
        {"findings", QT_TRANSLATE_NOOP("report", "Numbers and tables"),
         QT_TRANSLATE_NOOP("report", "What the analyses found, as numbers, tables and curves."),
         body});
}

} // namespace tw
