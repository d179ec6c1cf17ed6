// SPDX-License-Identifier: Apache-2.0
#include "core/report/report.h"

#include "core/base/json.h"
#include "core/report/html.h"
#include "core/report/registry.h"
#include "core/report/style.h"

namespace tw {

void registerAllReport(Registry<ReportSection>& registry);

namespace {

// Four bars of a tuned string.
constexpr const char* kMark =
    R"svg(<svg viewBox="0 0 24 24" aria-hidden="true"><g fill="none" stroke="var(--accent)"
stroke-width="2.6" stroke-linecap="round"><path d="M3 11v2M9 8v8M15 4.5v15M21 9.5v5"/></g></svg>)svg";

struct Part
{
    const ReportSection* section = nullptr;
    std::string body;
};

std::vector<Part> partsOf(const ReportInput& input, const std::vector<std::string>& ids)
{
    std::vector<const ReportSection*> chosen;
    for (const std::string& id : ids)
        chosen.push_back(&reportSections().at(id));
    if (ids.empty())
        for (const auto& section : reportSections().all())
            chosen.push_back(section.get());
    std::vector<Part> parts;
    for (const ReportSection* section : chosen)
        if (std::string body = section->html(input); !body.empty())
            parts.push_back({section, std::move(body)});
    return parts;
}

std::string navigation(const std::vector<Part>& parts)
{
    std::string out = std::string("<nav aria-label=\"Sections\"><div class=\"mark\">") + kMark
        + "Tunewright</div><ul>\n";
    for (const Part& part : parts)
        out += "<li><a href=\"#" + html::escaped(part.section->id) + "\">"
            + html::escaped(part.section->title) + "</a></li>\n";
    return out + "</ul><p>One file. The numbers behind a figure are folded below it.</p></nav>\n";
}

std::string heading(const ReportInput& input)
{
    const std::string project =
        input.project.empty() ? "" : ", project " + html::escaped(input.project);
    const std::string date =
        input.date.empty() ? "Report" : "Report of " + html::escaped(input.date);
    std::string out = "<header><p class=\"date\">" + date + project + "</p><h1>"
        + html::escaped(input.title) + "</h1>";
    if (!input.subtitle.empty())
        out += "<p class=\"subtitle\">" + html::escaped(input.subtitle) + "</p>";
    if (input.figures.empty())
        return out + "</header>\n";
    out += "<div class=\"figures\">";
    for (const ReportFigure& figure : input.figures)
        out += "<div><span>" + html::escaped(figure.caption) + "</span><b>"
            + html::escaped(figure.figure) + "</b><span>" + html::escaped(figure.detail)
            + "</span></div>\n";
    return out + "</div></header>\n";
}

/// All results as JSON, for programs that read the page.
std::string island(const ReportInput& input)
{
    Json analyses = Json::array();
    for (const AnalysisResult& result : input.analyses)
        analyses.push_back(Json::parse(toJsonText(result)));
    Json charts = Json::array();
    for (const ReportChart& chart : input.charts)
        for (const ResultSeries& line : chart.lines)
            charts.push_back(
                {{"chart", chart.id}, {"line", line.title}, {"x", line.x}, {"y", line.y}});
    const Json json {
        {"title", input.title}, {"charts", std::move(charts)}, {"analyses", std::move(analyses)}};
    return "<script type=\"application/json\" id=\"report-data\">"
        + html::escapedJson(json.dump(-1, ' ', false, Json::error_handler_t::replace))
        + "</script>\n";
}

} // namespace

const Registry<ReportSection>& reportSections()
{
    static const Registry<ReportSection> all = [] {
        Registry<ReportSection> registry("report section");
        registerAllReport(registry);
        return registry;
    }();
    return all;
}

std::string reportHtml(const ReportInput& input, const std::vector<std::string>& sections)
{
    const std::vector<Part> parts = partsOf(input, sections);
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta name=\"generator\" content=\"Tunewright " TW_VERSION "\">\n"
        // the page asks for nothing and may ask for nothing
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src "
        "'unsafe-inline';script-src 'unsafe-inline'\">\n<title>";
    page += html::escaped(input.title) + "</title>\n<style>" + reportStyle()
        + "</style>\n</head>\n<body>\n<div class=\"page\">\n";
    page += navigation(parts) + "<main>\n" + heading(input);
    for (const Part& part : parts)
        page += "<section id=\"" + html::escaped(part.section->id) + "\"><h2>"
            + html::escaped(part.section->title) + "</h2>\n" + part.body + "</section>\n";
    page += "<footer>Made with Tunewright " TW_VERSION ".</footer>\n</main>\n</div>\n";
    return page + island(input) + "<script>" + reportScript() + "</script>\n</body>\n</html>\n";
}

} // namespace tw
