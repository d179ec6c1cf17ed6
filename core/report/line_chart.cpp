// SPDX-License-Identifier: Apache-2.0
#include "core/report/axis.h"
#include "core/report/drawing.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tw {
namespace {

constexpr double kWidth = 474.0;
constexpr double kHeight = 236.0;
constexpr double kLeft = 44.0;
constexpr double kRight = 132.0; // room for the names at the ends of the lines
constexpr double kTop = 26.0;
constexpr double kBottom = 40.0;
constexpr double kNameHeight = 15.0;
constexpr std::size_t kMostLines = 6;
constexpr std::size_t kMostPoints =
    600; // more than the drawing has pixels; the data below it has all

struct Range
{
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void add(double value)
    {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    bool isEmpty() const { return low > high; }
};

std::string coordinate(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

std::string line(double x1, double y1, double x2, double y2, const char* style)
{
    return "<line class=\"" + std::string(style) + "\" x1=\"" + coordinate(x1) + "\" y1=\""
        + coordinate(y1) + "\" x2=\"" + coordinate(x2) + "\" y2=\"" + coordinate(y2) + "\"/>";
}

std::string label(double x, double y, const char* style, const std::string& text)
{
    return "<text class=\"" + std::string(style) + "\" x=\"" + coordinate(x) + "\" y=\""
        + coordinate(y) + "\">" + html::escaped(text) + "</text>";
}

bool isShown(const ReportChart& chart, double x, double y)
{
    return std::isfinite(x) && std::isfinite(y) && (!chart.isLogarithmic || y > 0.0);
}

std::string axes(const ReportChart& chart, const Axis& x, const Axis& y)
{
    const double bottom = kHeight - kBottom;
    const double right = kWidth - kRight;
    std::string out;
    for (const double tick : y.ticks()) {
        out += line(kLeft, y.pixel(tick), right, y.pixel(tick), "grid");
        out += label(kLeft - 8, y.pixel(tick) + 4, "tick end", y.label(tick));
    }
    for (const double tick : x.ticks()) {
        out += line(x.pixel(tick), bottom, x.pixel(tick), bottom + 4, "axis");
        out += label(x.pixel(tick), bottom + 17, "tick mid", x.label(tick));
    }
    out += line(kLeft, bottom, right, bottom, "axis") + line(kLeft, kTop, kLeft, bottom, "axis");
    out += label(4, 12, "tick", chart.yTitle);
    out += label(right, bottom + 33, "tick end", chart.xTitle);
    return out;
}

/// The points of a line, thinned evenly where there are more than anybody can see.
std::string path(const ReportChart& chart, const ResultSeries& series, const Axis& x, const Axis& y)
{
    const std::size_t count = std::min(series.x.size(), series.y.size());
    const std::size_t stride = count / kMostPoints + 1;
    std::string points;
    const auto add = [&](std::size_t i) {
        if (isShown(chart, series.x[i], series.y[i]))
            points +=
                coordinate(x.pixel(series.x[i])) + "," + coordinate(y.pixel(series.y[i])) + " ";
    };
    for (std::size_t i = 0; i + 1 < count; i += stride)
        add(i);
    if (count > 0)
        add(count - 1);
    return points;
}

struct EndName
{
    double y = 0.0;
    std::size_t index = 0;
    std::string text;
};

/// Names at the ends of the lines, moved apart where they would overlap.
std::string endNames(std::vector<EndName> names)
{
    std::sort(names.begin(), names.end(),
              [](const EndName& a, const EndName& b) { return a.y < b.y; });
    for (std::size_t i = 1; i < names.size(); ++i)
        names[i].y = std::max(names[i].y, names[i - 1].y + kNameHeight);
    const double overhang =
        names.empty() ? 0.0 : std::max(0.0, names.back().y - (kHeight - kBottom));
    std::string out;
    for (const EndName& name : names) {
        const double y = name.y - overhang;
        const double x = kWidth - kRight + 8;
        out += "<line class=\"l" + std::to_string(name.index + 1) + "\" x1=\"" + coordinate(x)
            + "\" y1=\"" + coordinate(y) + "\" x2=\"" + coordinate(x + 14) + "\" y2=\""
            + coordinate(y) + "\"/>";
        out += label(x + 20, y + 4, "name", name.text);
    }
    return out;
}

} // namespace

std::string lineChart(const ReportChart& chart)
{
    Range rangeX;
    Range rangeY;
    for (std::size_t i = 0; i < std::min(chart.lines.size(), kMostLines); ++i)
        for (std::size_t p = 0; p < std::min(chart.lines[i].x.size(), chart.lines[i].y.size()); ++p)
            if (isShown(chart, chart.lines[i].x[p], chart.lines[i].y[p])) {
                rangeX.add(chart.lines[i].x[p]);
                rangeY.add(chart.lines[i].y[p]);
            }
    if (rangeX.isEmpty())
        return {};
    const Axis x(rangeX.low, rangeX.high, kLeft, kWidth - kRight, false);
    const Axis y(rangeY.low, rangeY.high, kHeight - kBottom, kTop, chart.isLogarithmic);
    std::string body = axes(chart, x, y);
    std::vector<EndName> names;
    for (std::size_t i = 0; i < std::min(chart.lines.size(), kMostLines); ++i) {
        const ResultSeries& series = chart.lines[i];
        const std::string points = path(chart, series, x, y);
        if (points.empty())
            continue;
        body += "<polyline class=\"l" + std::to_string(i + 1) + "\" points=\"" + points + "\"/>";
        std::size_t last = std::min(series.x.size(), series.y.size()) - 1;
        while (!isShown(chart, series.x[last], series.y[last]))
            --last;
        names.push_back(
            {y.pixel(series.y[last]), i, series.title + " " + html::shortNumber(series.y[last])});
    }
    return "<svg class=\"chart\" viewBox=\"0 0 " + coordinate(kWidth) + " " + coordinate(kHeight)
        + "\" role=\"img\" aria-label=\""
        + html::escaped(chart.title + ": " + chart.yTitle + " over " + chart.xTitle) + "\">" + body
        + endNames(std::move(names)) + "</svg>\n";
}

html::Data dataOf(const ReportChart& chart)
{
    html::Data data;
    data.columns = {"line", chart.xTitle.empty() ? "x" : chart.xTitle,
                    chart.yTitle.empty() ? "y" : chart.yTitle};
    for (const ResultSeries& series : chart.lines) {
        for (std::size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i) {
            char x[32];
            char y[32];
            std::snprintf(x, sizeof x, "%.10g", series.x[i]);
            std::snprintf(y, sizeof y, "%.10g", series.y[i]);
            data.rows.push_back({series.title, x, y});
        }
    }
    return data;
}

} // namespace tw
