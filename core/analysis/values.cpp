// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/values.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/translate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace tw {
namespace {

constexpr auto kNone = std::numeric_limits<double>::quiet_NaN();

std::string fixed(double value, int decimals)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}

std::int64_t leading(const XrayCell& cell, std::int64_t k)
{
    return std::clamp<std::int64_t>(k, 0, static_cast<std::int64_t>(cell.bestMatch.size()));
}

Json toJson(const XrayCell& c)
{
    return {{"site", c.site},
            {"layer", c.layer},
            {"rows", c.rows},
            {"columns", c.columns},
            {"baseNorm", c.baseNorm},
            {"changeNorm", c.changeNorm},
            {"effectiveRank", c.effectiveRank},
            {"stableRank", c.stableRank},
            {"changeValues", c.changeValues},
            {"tunedValues", c.tunedValues},
            {"baseValues", c.baseValues},
            {"bestMatch", c.bestMatch},
            {"bestMatchIndex", c.bestMatchIndex},
            {"tiedMatch", c.tiedMatch},
            {"similarity", c.similarity},
            {"similaritySize", c.similaritySize}};
}

XrayCell cellFrom(const Json& json)
{
    XrayCell c;
    json.at("site").get_to(c.site);
    json.at("layer").get_to(c.layer);
    json.at("rows").get_to(c.rows);
    json.at("columns").get_to(c.columns);
    json.at("baseNorm").get_to(c.baseNorm);
    json.at("changeNorm").get_to(c.changeNorm);
    json.at("effectiveRank").get_to(c.effectiveRank);
    json.at("stableRank").get_to(c.stableRank);
    json.at("changeValues").get_to(c.changeValues);
    json.at("tunedValues").get_to(c.tunedValues);
    json.at("baseValues").get_to(c.baseValues);
    json.at("bestMatch").get_to(c.bestMatch);
    json.at("bestMatchIndex").get_to(c.bestMatchIndex);
    json.at("tiedMatch").get_to(c.tiedMatch);
    json.at("similarity").get_to(c.similarity);
    json.at("similaritySize").get_to(c.similaritySize);
    return c;
}

Json toJson(const ModelRef& ref)
{
    return {
        {"model", ref.model}, {"adapter", ref.adapter}, {"furtherAdapters", ref.furtherAdapters}};
}

ModelRef refFrom(const Json& json)
{
    return {json.at("model"), json.at("adapter"),
            json.value("furtherAdapters", std::vector<std::string> {})}; // older files have none
}

/// Both sizes make a grid, whatever the cells are.
void checkGrid(const XrayResult& result)
{
    constexpr std::int64_t kMostLayers = 2048; // as for a model
    constexpr std::size_t kMostSites = 64; // a block has seven or eight matrices
    if (result.layers < 0 || result.layers > kMostLayers || result.sites.size() > kMostSites)
        throw Error("The stored X-ray cannot be read: it has " + std::to_string(result.layers)
                        + " layers and " + std::to_string(result.sites.size())
                        + " kinds of matrices.",
                    "Run the X-ray of this model again.");
}

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
        totals.looked += leading(cell, result.options.k);
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

/// The kind of matrix that moved most against its own size, and the one that moved least.
NamedNumber mostMoved(const XrayResult& result)
{
    NamedNumber number {"mostMoved", QT_TRANSLATE_NOOP("xray", "Moved most"), 0.0, "%", ""};
    double least = std::numeric_limits<double>::infinity();
    std::string most;
    std::string quietest;
    for (const std::string& site : result.sites) {
        double base = 0.0;
        double change = 0.0;
        for (const XrayCell& cell : result.cells) {
            base += cell.site == site ? cell.baseNorm * cell.baseNorm : 0.0;
            change += cell.site == site ? cell.changeNorm * cell.changeNorm : 0.0;
        }
        const double share = base > 0.0 ? 100.0 * std::sqrt(change / base) : 0.0;
        if (share >= number.value) {
            number.value = share;
            most = site;
        }
        if (share < least) {
            least = share;
            quietest = site;
        }
    }
    number.note =
        most == quietest ? most : most + "; least " + quietest + ", " + fixed(least, 2) + " %";
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
             fixed(cell.relativeChange(), 6), fixed(cell.effectiveRank, 3),
             fixed(cell.stableRank, 3),
             std::to_string(cell.intruders(result.options.epsilon, result.options.k)),
             fixed(cell.largestRotation(result.options.k), 2)});
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
        for (std::size_t j = 0; j < static_cast<std::size_t>(leading(cell, result.options.k)); ++j)
            if (cell.bestMatch[j] < result.options.epsilon)
                table.rows.push_back(
                    {cell.site, std::to_string(cell.layer), std::to_string(j + 1),
                     fixed(cell.bestMatch[j], 4),
                     wordsAt(cell.bestMatchIndex, j, [](auto i) { return std::to_string(i + 1); }),
                     wordsAt(cell.tunedValues, j, [](double v) { return fixed(v, 4); })});
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

Json toJson(const ContrastToken& token)
{
    Json chances = Json::array();
    for (const TokenChance& chance : token.chances)
        chances.push_back({{"id", chance.id},
                           {"text", chance.text},
                           {"tuned", chance.tuned},
                           {"base", chance.base}});
    return {{"id", token.id},
            {"text", token.text},
            {"contrast", token.contrast},
            {"logTuned", token.logTuned},
            {"logBase", token.logBase},
            {"plausible", token.plausible},
            {"chances", std::move(chances)}};
}

Json toJson(const ContrastSample& sample)
{
    Json tokens = Json::array();
    for (const ContrastToken& token : sample.tokens)
        tokens.push_back(toJson(token));
    return {{"score", sample.score}, {"tokens", std::move(tokens)}};
}

/// JSON has no infinity, the log-probability of a token that the base rules out: it is stored as
/// null.
double logFrom(const Json& json)
{
    return json.is_number() ? json.get<double>() : -std::numeric_limits<double>::infinity();
}

ContrastToken contrastTokenFrom(const Json& json)
{
    ContrastToken token;
    token.id = json.at("id").get<std::int64_t>();
    token.text = json.at("text").get<std::string>();
    token.contrast = json.at("contrast").is_number() ? json.at("contrast").get<double>()
                                                     : std::numeric_limits<double>::infinity();
    token.logTuned = logFrom(json.at("logTuned"));
    token.logBase = logFrom(json.at("logBase"));
    token.plausible = json.at("plausible").get<std::int64_t>();
    for (const Json& chance : json.at("chances"))
        token.chances.push_back(
            {chance.at("id").get<std::int64_t>(), chance.at("text").get<std::string>(),
             chance.at("tuned").get<double>(), chance.at("base").get<double>()});
    return token;
}

ContrastSample contrastSampleFrom(const Json& json)
{
    ContrastSample sample;
    sample.score = logFrom(json.at("score"));
    for (const Json& token : json.at("tokens"))
        sample.tokens.push_back(contrastTokenFrom(token));
    return sample;
}

} // namespace

std::int64_t XrayCell::intruders(double epsilon, std::int64_t k) const
{
    return std::count_if(bestMatch.begin(), bestMatch.begin() + leading(*this, k),
                         [&](double c) { return c < epsilon; });
}

double XrayCell::largestRotation(std::int64_t k) const
{
    double smallest = 1.0;
    for (std::int64_t j = 0; j < leading(*this, k); ++j)
        smallest = std::min(smallest, bestMatch[static_cast<std::size_t>(j)]);
    return std::acos(std::clamp(smallest, 0.0, 1.0)) * 180.0 / std::numbers::pi;
}

const XrayCell* XrayResult::cell(const std::string& site, std::int64_t layer) const
{
    const auto it = std::find_if(cells.begin(), cells.end(), [&](const XrayCell& c) {
        return c.layer == layer && c.site == site;
    });
    return it == cells.end() ? nullptr : &*it;
}

std::string toJsonText(const XrayResult& result)
{
    Json cells = Json::array();
    for (const XrayCell& cell : result.cells)
        cells.push_back(toJson(cell));
    const Json json {{"base", toJson(result.base)},
                     {"tuned", toJson(result.tuned)},
                     {"options",
                      {{"k", result.options.k},
                       {"epsilon", result.options.epsilon},
                       {"plain", result.options.plain}}},
                     {"layers", result.layers},
                     {"sites", result.sites},
                     {"cells", std::move(cells)},
                     {"seconds", result.seconds}};
    return json.dump();
}

XrayResult xrayResultFrom(const std::string& jsonText)
{
    const Json json = parseJson(jsonText, "X-ray");
    try {
        XrayResult result;
        result.base = refFrom(json.at("base"));
        result.tuned = refFrom(json.at("tuned"));
        const Json& options = json.at("options");
        result.options = {options.at("k"), options.at("epsilon"), options.at("plain")};
        json.at("layers").get_to(result.layers);
        json.at("sites").get_to(result.sites);
        checkGrid(result);
        for (const Json& cell : json.at("cells"))
            result.cells.push_back(cellFrom(cell));
        json.at("seconds").get_to(result.seconds);
        return result;
    } catch (const Json::exception& failure) {
        throw Error(std::string("The stored X-ray cannot be read: ") + failure.what(),
                    "Run the X-ray of this model again.");
    }
}

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
        + std::to_string(result.cells.size()) + " matrices; the weights moved by " + fixed(share, 2)
        + " % of their size.";
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

AnalysisResult toAnalysis(const std::vector<ContrastSample>& samples,
                          const ContrastOptions& options)
{
    AnalysisResult out;
    out.method = "contrastive-generation";
    out.title = QT_TRANSLATE_NOOP("contrast", "What is new in it");
    double sum = 0.0;
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        ShadedText text {"Text " + std::to_string(i + 1), {}, samples[i].score};
        for (const ContrastToken& token : samples[i].tokens)
            text.spans.push_back({token.text, token.contrast, token.id});
        sum += samples[i].score;
        tokens += samples[i].tokens.size();
        out.texts.push_back(std::move(text));
    }
    const double mean = tokens > 0 ? sum / static_cast<double>(tokens) : 0.0;
    out.summary = fixed(mean, 2) + " nats a token: that much more the tuned model wanted these "
        + std::to_string(samples.size()) + " texts than the base did.";
    out.numbers = {
        {"contrast", QT_TRANSLATE_NOOP("contrast", "Mean contrast"), mean, "nats a token", ""}};
    out.provenance =
        Json {{"alpha", options.alpha},   {"gamma", options.gamma}, {"beams", options.beams},
              {"length", options.length}, {"texts", options.texts}, {"seed", options.seed},
              {"prefix", options.prefix}, {"version", TW_VERSION}}
            .dump();
    return out;
}

std::string toJsonText(const std::vector<ContrastSample>& samples)
{
    Json list = Json::array();
    for (const ContrastSample& sample : samples)
        list.push_back(toJson(sample));
    return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<ContrastSample> contrastSamplesFrom(const std::string& jsonText)
{
    const Json json = parseJson(jsonText, "Contrastive samples");
    try {
        std::vector<ContrastSample> samples;
        for (const Json& sample : json)
            samples.push_back(contrastSampleFrom(sample));
        return samples;
    } catch (const Json::exception& failure) {
        throw Error(std::string("The stored contrastive samples cannot be read: ") + failure.what(),
                    "Let them be written again.");
    }
}

} // namespace tw
