// SPDX-License-Identifier: Apache-2.0
// The X-ray as an analysis like any other: sentences, tables and grids for reports and files.
#include "core/analysis/provenance.h"
#include "core/analysis/values.h"
#include "core/base/text.h"
#include "core/base/translate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tw {
namespace {

constexpr auto kNone = std::numeric_limits<double>::quiet_NaN();

/// A measure of all cells as a grid sites x layers.
template <typename Measure>
ResultMatrix
grid(const XrayResult& result, const char* id, const char* title, const char* unit, Measure measure)
{
    ResultMatrix matrix;
    matrix.id = id;
    matrix.title = title;
    matrix.unit = unit;
    matrix.rowLabels = result.sites;
    for (std::int64_t layer = 0; layer < result.layers; ++layer)
        matrix.columnLabels.push_back(std::to_string(layer));
    for (const std::string& site : result.sites) {
        for (std::int64_t layer = 0; layer < result.layers; ++layer) {
            const XrayCell* cell = result.cell(site, layer);
            matrix.values.push_back(cell == nullptr ? kNone : measure(*cell));
        }
    }
    return matrix;
}

struct Totals
{
    double base = 0.0; ///< squared norms
    double change = 0.0;
    std::int64_t intruders = 0;
    std::int64_t looked = 0; ///< leading vectors that were looked at
    std::int64_t matricesWithIntruders = 0;
    double effectiveRank = 0.0; ///< mean
};

Totals totalsOf(const XrayResult& result)
{
    Totals totals;
    for (const XrayCell& cell : result.cells) {
        totals.base += cell.baseNorm * cell.baseNorm;
        totals.change += cell.changeNorm * cell.changeNorm;
        const std::int64_t count = cell.intruders(result.options.epsilon, result.options.k);
        totals.intruders += count;
        totals.looked += cell.leading(result.options.k);
        totals.matricesWithIntruders += count > 0 ? 1 : 0;
        totals.effectiveRank += cell.effectiveRank / static_cast<double>(result.cells.size());
    }
    return totals;
}

/// The third of the blocks, side by side, that holds the largest share of the squared change.
NamedNumber whereItSits(const XrayResult& result)
{
    std::vector<double> change(static_cast<std::size_t>(std::max<std::int64_t>(result.layers, 1)),
                               0.0);
    double total = 0.0;
    for (const XrayCell& cell : result.cells) {
        const double square = cell.changeNorm * cell.changeNorm;
        if (cell.layer >= 0 && cell.layer < result.layers)
            change[static_cast<std::size_t>(cell.layer)] += square;
        total += square;
    }
    const std::size_t width = std::max<std::size_t>(change.size() / 3, 1);
    double most = -1.0;
    std::size_t first = 0;
    for (std::size_t start = 0; start + width <= change.size(); ++start) {
        double sum = 0.0;
        for (std::size_t i = start; i < start + width; ++i)
            sum += change[i];
        if (sum > most) {
            most = sum;
            first = start;
        }
    }
    return {"where", QT_TRANSLATE_NOOP("xray", "Where it sits"),
            total > 0.0 ? 100.0 * most / total : 0.0, "%",
            "of the change in blocks " + std::to_string(first) + " to "
                + std::to_string(first + width - 1)};
}

/// The kind of matrix that moved most against its own size, on average over the layers, and the one
/// that moved least.
NamedNumber mostMoved(const XrayResult& result)
{
    NamedNumber number {"mostMoved", QT_TRANSLATE_NOOP("xray", "Moved most"), 0.0, "%", ""};
    double least = std::numeric_limits<double>::infinity();
    std::string most;
    std::string quietest;
    for (const std::string& site : result.sites) {
        double sum = 0.0;
        std::int64_t count = 0;
        for (const XrayCell& cell : result.cells) {
            sum += cell.site == site ? cell.relativeChange() : 0.0;
            count += cell.site == site ? 1 : 0;
        }
        const double share = count > 0 ? 100.0 * sum / static_cast<double>(count) : 0.0;
        if (share >= number.value) {
            number.value = share;
            most = site;
        }
        if (share < least) {
            least = share;
            quietest = site;
        }
    }
    number.note = most == quietest
        ? most
        : most + "; least " + quietest + ", " + fixedDecimals(least, 2) + " %";
    return number;
}

ResultTable cellTable(const XrayResult& result)
{
    ResultTable table;
    table.id = "matrices";
    table.title = QT_TRANSLATE_NOOP("xray", "All matrices");
    table.columns = {QT_TRANSLATE_NOOP("xray", "Site"),
                     QT_TRANSLATE_NOOP("xray", "Layer"),
                     QT_TRANSLATE_NOOP("xray", "Shape"),
                     QT_TRANSLATE_NOOP("xray", "Change, share of the weights"),
                     QT_TRANSLATE_NOOP("xray", "Effective rank"),
                     QT_TRANSLATE_NOOP("xray", "Stable rank"),
                     QT_TRANSLATE_NOOP("xray", "Intruders"),
                     QT_TRANSLATE_NOOP("xray", "Largest rotation, degrees")};
    for (const XrayCell& cell : result.cells)
        table.rows.push_back(
            {cell.site, std::to_string(cell.layer),
             std::to_string(cell.rows) + " x " + std::to_string(cell.columns),
             fixedDecimals(cell.relativeChange(), 6), fixedDecimals(cell.effectiveRank, 3),
             fixedDecimals(cell.stableRank, 3),
             std::to_string(cell.intruders(result.options.epsilon, result.options.k)),
             fixedDecimals(cell.largestRotation(result.options.k), 2)});
    return table;
}

/// A stored result may be cut short: what it lacks is left empty.
template <typename T, typename Words>
std::string wordsAt(const std::vector<T>& values, std::size_t place, Words words)
{
    return place < values.size() ? words(values[place]) : std::string();
}

ResultTable intruderTable(const XrayResult& result)
{
    ResultTable table;
    table.id = "intruders";
    table.title = QT_TRANSLATE_NOOP("xray", "Intruders");
    table.columns = {QT_TRANSLATE_NOOP("xray", "Site"),
                     QT_TRANSLATE_NOOP("xray", "Layer"),
                     QT_TRANSLATE_NOOP("xray", "Direction"),
                     QT_TRANSLATE_NOOP("xray", "Best match"),
                     QT_TRANSLATE_NOOP("xray", "with base direction"),
                     QT_TRANSLATE_NOOP("xray", "Singular value")};
    for (const XrayCell& cell : result.cells)
        for (std::size_t j = 0; j < static_cast<std::size_t>(cell.leading(result.options.k)); ++j)
            if (cell.bestMatch[j] < result.options.epsilon)
                table.rows.push_back(
                    {cell.site, std::to_string(cell.layer), std::to_string(j + 1),
                     fixedDecimals(cell.bestMatch[j], 4),
                     wordsAt(cell.bestMatchIndex, j, [](auto i) { return std::to_string(i + 1); }),
                     wordsAt(cell.tunedValues, j, [](double v) { return fixedDecimals(v, 4); })});
    return table;
}

Json provenanceOf(const XrayResult& result)
{
    return {{"base", toJson(result.base)},
            {"tuned", toJson(result.tuned)},
            {"k", result.options.k},
            {"epsilon", result.options.epsilon},
            {"route", result.options.plain ? "plain" : "low rank"},
            {"version", TW_VERSION},
            {"seconds", result.seconds}};
}

} // namespace

AnalysisResult toAnalysis(const XrayResult& result)
{
    const Totals totals = totalsOf(result);
    const double share = totals.base > 0 ? 100.0 * std::sqrt(totals.change / totals.base) : 0.0;
    AnalysisResult out;
    out.method = "xray";
    out.title = QT_TRANSLATE_NOOP("xray", "X-ray of the weights");
    out.summary = std::to_string(totals.intruders) + " of " + groupedDigits(totals.looked)
        + " leading directions are new (intruders), in "
        + std::to_string(totals.matricesWithIntruders) + " of "
        + std::to_string(result.cells.size()) + " matrices; the weights moved by "
        + fixedDecimals(share, 2) + " % of their size.";
    out.provenance = provenanceOf(result).dump();
    out.numbers = {{"change", QT_TRANSLATE_NOOP("xray", "Change of the weights"), share, "%",
                    "of their own size"},
                   {"intruders", QT_TRANSLATE_NOOP("xray", "New directions"),
                    static_cast<double>(totals.intruders), "",
                    "of " + groupedDigits(totals.looked) + " looked at"},
                   {"effectiveRank", QT_TRANSLATE_NOOP("xray", "Effective rank of the change"),
                    totals.effectiveRank, "", "mean"}};
    if (!result.cells.empty()) {
        out.numbers.push_back(whereItSits(result));
        out.numbers.push_back(mostMoved(result));
    }
    out.tables = {intruderTable(result), cellTable(result)};
    out.matrices = {
        grid(result, "change", QT_TRANSLATE_NOOP("xray", "|ΔW| / |W|"), "%",
             [](const XrayCell& c) { return 100.0 * c.relativeChange(); }),
        grid(result, "intruders", QT_TRANSLATE_NOOP("xray", "Intruders"), "",
             [&](const XrayCell& c) {
                 return static_cast<double>(c.intruders(result.options.epsilon, result.options.k));
             }),
        grid(result, "effectiveRank", QT_TRANSLATE_NOOP("xray", "Effective rank of the change"), "",
             [](const XrayCell& c) { return c.effectiveRank; }),
        grid(result, "rotation", QT_TRANSLATE_NOOP("xray", "Largest rotation"), "degrees",
             [&](const XrayCell& c) { return c.largestRotation(result.options.k); })};
    return out;
}

} // namespace tw
