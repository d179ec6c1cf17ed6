// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/provenance.h"
#include "core/analysis/values.h"
#include "core/base/json.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tw {
namespace {

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

} // namespace

std::int64_t XrayCell::leading(std::int64_t k) const
{
    return std::clamp<std::int64_t>(k, 0, static_cast<std::int64_t>(bestMatch.size()));
}

std::int64_t XrayCell::intruders(double epsilon, std::int64_t k) const
{
    return std::count_if(bestMatch.begin(), bestMatch.begin() + leading(k),
                         [&](double c) { return c < epsilon; });
}

double XrayCell::largestRotation(std::int64_t k) const
{
    double smallest = 1.0;
    for (std::int64_t j = 0; j < leading(k); ++j)
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
        result.base = modelRefFrom(json.at("base"));
        result.tuned = modelRefFrom(json.at("tuned"));
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

} // namespace tw
