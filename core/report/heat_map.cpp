// SPDX-License-Identifier: Apache-2.0
#include "core/report/drawing.h"
#include "core/report/palette.h"

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr double kWidth = 952.0;
constexpr double kLabelWidth = 72.0;
constexpr double kBarRoom = 72.0;
constexpr double kTop = 20.0;
constexpr double kCellHeight = 22.0;
constexpr double kWidestCell = 40.0;
constexpr int kBarPieces = 48;

std::string text(double x, double y, const std::string& style, const std::string& words)
{
    char place[64];
    std::snprintf(place, sizeof place, "x=\"%.1f\" y=\"%.1f\"", x, y);
    return "<text class=\"" + style + "\" " + place + ">" + html::escaped(words) + "</text>";
}

std::string box(double x,
                double y,
                double width,
                double height,
                const std::string& style,
                const std::string& title)
{
    char place[128];
    std::snprintf(place, sizeof place, "x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"", x, y,
                  width, height);
    const std::string head = "<rect class=\"" + style + "\" " + place;
    return title.empty() ? head + "/>"
                         : head + "><title>" + html::escaped(title) + "</title></rect>";
}

double largest(const ResultMatrix& matrix)
{
    double most = 0.0;
    for (const double value : matrix.values)
        if (std::isfinite(value))
            most = std::max(most, std::abs(value));
    return most;
}

std::string withUnit(double value, const std::string& unit)
{
    return html::shortNumber(value) + (unit.empty() ? "" : " " + unit);
}

std::string stepClass(const ResultMatrix& matrix, double value, double range)
{
    return matrix.isDiverging ? "d" + std::to_string(palette::changeStep(value, range))
                              : "m" + std::to_string(palette::magnitudeStep(value, range));
}

/// The bar shows the scale as it is used: steps of equal height, values beside them.
std::string colourBar(const ResultMatrix& matrix, double range, double x, double height)
{
    std::string out;
    const double piece = height / (kBarPieces + 1);
    for (int i = 0; i <= kBarPieces; ++i) {
        const std::string name = (matrix.isDiverging ? "d" : "m") + std::to_string(i);
        out += box(x, kTop + height - (i + 1) * piece, 12, piece + 0.4, name + " fill", "");
    }
    for (const double share : {0.0, 0.5, 1.0}) {
        const int step = static_cast<int>(share * kBarPieces);
        const double value =
            matrix.isDiverging ? (2 * share - 1) * range : palette::magnitudeAt(step, range);
        out += text(x + 18,
                    kTop + height * (1 - share)
                        + (share == 0.0       ? 0
                               : share == 1.0 ? 9
                                              : 4),
                    "tick", withUnit(value, matrix.unit));
    }
    return out;
}

std::string
cells(const ResultMatrix& matrix, const ResultMatrix* counts, double range, double width)
{
    std::string out;
    const std::size_t columns = matrix.columnLabels.size();
    for (std::size_t r = 0; r < matrix.rowLabels.size(); ++r) {
        for (std::size_t c = 0; c < columns; ++c) {
            const double value = matrix.values[r * columns + c];
            if (!std::isfinite(value))
                continue;
            const double x = kLabelWidth + static_cast<double>(c) * width;
            const double y = kTop + static_cast<double>(r) * kCellHeight;
            const std::string step = stepClass(matrix, value, range);
            out += box(x, y, width - 1, kCellHeight - 1, step + " fill",
                       matrix.rowLabels[r] + " " + matrix.columnLabels[c] + ": "
                           + withUnit(value, matrix.unit));
            const double count = counts == nullptr ? 0.0 : counts->values[r * columns + c];
            if (std::isfinite(count) && count != 0.0)
                out +=
                    text(x + (width - 1) / 2, y + 15, step + " on mid", html::shortNumber(count));
        }
    }
    return out;
}

} // namespace

std::string heatMap(const ResultMatrix& matrix, const ResultMatrix* counts)
{
    const std::size_t rows = matrix.rowLabels.size();
    const std::size_t columns = matrix.columnLabels.size();
    if (rows == 0 || columns == 0 || matrix.values.size() != rows * columns)
        return {};
    if (counts != nullptr && counts->values.size() != matrix.values.size())
        counts = nullptr;
    const double width =
        std::min(kWidestCell, (kWidth - kLabelWidth - kBarRoom) / static_cast<double>(columns));
    const double height = kCellHeight * static_cast<double>(rows);
    const double range = largest(matrix);
    std::string body;
    for (std::size_t r = 0; r < rows; ++r)
        body += text(kLabelWidth - 8, kTop + static_cast<double>(r) * kCellHeight + 15, "row end",
                     matrix.rowLabels[r]);
    const std::size_t every = columns > 15 ? 5 : 1;
    for (std::size_t c = 0; c < columns; ++c)
        if (c % every == 0 || c + 1 == columns)
            body += text(kLabelWidth + (static_cast<double>(c) + 0.5) * width, 12, "tick mid",
                         matrix.columnLabels[c]);
    body += cells(matrix, counts, range, width);
    body +=
        colourBar(matrix, range, kLabelWidth + static_cast<double>(columns) * width + 14, height);
    char view[64];
    std::snprintf(view, sizeof view, "0 0 %.0f %.0f", kWidth, kTop + height + 6);
    return "<svg class=\"map\" viewBox=\"" + std::string(view) + "\" role=\"img\" aria-label=\""
        + html::escaped(matrix.title) + "\">" + body + "</svg>\n";
}

html::Data dataOf(const ResultMatrix& matrix)
{
    html::Data data;
    data.columns.emplace_back();
    data.columns.insert(data.columns.end(), matrix.columnLabels.begin(), matrix.columnLabels.end());
    const std::size_t columns = matrix.columnLabels.size();
    for (std::size_t r = 0;
         r < matrix.rowLabels.size() && (r + 1) * columns <= matrix.values.size(); ++r) {
        std::vector<std::string> row {matrix.rowLabels[r]};
        for (std::size_t c = 0; c < columns; ++c) {
            char number[32] = "";
            if (std::isfinite(matrix.values[r * columns + c]))
                std::snprintf(number, sizeof number, "%.10g", matrix.values[r * columns + c]);
            row.emplace_back(number);
        }
        data.rows.push_back(std::move(row));
    }
    return data;
}

} // namespace tw
