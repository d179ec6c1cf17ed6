// SPDX-License-Identifier: Apache-2.0
#include "core/base/result.h"

#include "core/base/json.h"

#include <cmath>
#include <limits>

namespace tw {
namespace {

/// JSON has no NaN: "does not apply" is null.
Json numberOrNull(double value)
{
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json numbersOf(const std::vector<double>& values)
{
    Json json = Json::array();
    for (const double value : values)
        json.push_back(numberOrNull(value));
    return json;
}

double numberFrom(const Json& json)
{
    return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

std::vector<double> numbersFrom(const Json& json)
{
    std::vector<double> values;
    for (const auto& item : json)
        values.push_back(numberFrom(item));
    return values;
}

Json toJson(const NamedNumber& n)
{
    return {{"id", n.id},
            {"title", n.title},
            {"value", numberOrNull(n.value)},
            {"unit", n.unit},
            {"note", n.note}};
}

NamedNumber numberFromObject(const Json& json)
{
    return {json.at("id"), json.at("title"), numberFrom(json.at("value")), json.at("unit"),
            json.at("note")};
}

Json toJson(const ResultTable& t)
{
    return {{"id", t.id}, {"title", t.title}, {"columns", t.columns}, {"rows", t.rows}};
}

ResultTable tableFrom(const Json& json)
{
    return {json.at("id"), json.at("title"), json.at("columns"), json.at("rows")};
}

Json toJson(const ResultMatrix& m)
{
    return {{"id", m.id},
            {"title", m.title},
            {"unit", m.unit},
            {"rowLabels", m.rowLabels},
            {"columnLabels", m.columnLabels},
            {"values", numbersOf(m.values)},
            {"isDiverging", m.isDiverging}};
}

ResultMatrix matrixFrom(const Json& json)
{
    ResultMatrix matrix {json.at("id"),           json.at("title"),
                         json.at("unit"),         json.at("rowLabels"),
                         json.at("columnLabels"), numbersFrom(json.at("values")),
                         json.at("isDiverging")};
    if (matrix.values.size() != matrix.rowLabels.size() * matrix.columnLabels.size())
        throw Error("The stored matrix \"" + matrix.id
                        + "\" does not have as many values as its labels say.",
                    "Run the analysis again.");
    return matrix;
}

Json toJson(const ResultSeries& s)
{
    return {{"id", s.id},         {"title", s.title},    {"xTitle", s.xTitle},
            {"yTitle", s.yTitle}, {"x", numbersOf(s.x)}, {"y", numbersOf(s.y)}};
}

ResultSeries seriesFrom(const Json& json)
{
    return {json.at("id"),     json.at("title"),          json.at("xTitle"),
            json.at("yTitle"), numbersFrom(json.at("x")), numbersFrom(json.at("y"))};
}

Json toJson(const ShadedText& t)
{
    Json spans = Json::array();
    for (const auto& span : t.spans)
        spans.push_back(
            {{"text", span.text}, {"weight", numberOrNull(span.weight)}, {"id", span.tokenId}});
    return {{"title", t.title}, {"score", numberOrNull(t.score)}, {"spans", spans}};
}

ShadedText shadedTextFrom(const Json& json)
{
    ShadedText text {json.at("title"), {}, numberFrom(json.at("score"))};
    for (const auto& span : json.at("spans"))
        text.spans.push_back({span.at("text"), numberFrom(span.at("weight")), span.at("id")});
    return text;
}

template <typename T>
Json listOf(const std::vector<T>& items)
{
    Json json = Json::array();
    for (const auto& item : items)
        json.push_back(toJson(item));
    return json;
}

template <typename T>
std::vector<T> listFrom(const Json& json, T (*read)(const Json&))
{
    std::vector<T> items;
    for (const auto& item : json)
        items.push_back(read(item));
    return items;
}

} // namespace

std::string toJsonText(const AnalysisResult& result)
{
    const Json json {
        {"method", result.method},
        {"title", result.title},
        {"summary", result.summary},
        {"provenance",
         result.provenance.empty() ? Json::object() : parseJson(result.provenance, "provenance")},
        {"numbers", listOf(result.numbers)},
        {"tables", listOf(result.tables)},
        {"matrices", listOf(result.matrices)},
        {"series", listOf(result.series)},
        {"texts", listOf(result.texts)}};
    // Token texts may hold parts of a character: replaced here, never a reason to fail.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

AnalysisResult analysisResultFrom(const std::string& jsonText)
{
    const Json json = parseJson(jsonText, "stored analysis");
    try {
        AnalysisResult result;
        result.method = json.at("method");
        result.title = json.at("title");
        result.summary = json.at("summary");
        result.provenance = json.at("provenance").dump();
        result.numbers = listFrom(json.at("numbers"), numberFromObject);
        result.tables = listFrom(json.at("tables"), tableFrom);
        result.matrices = listFrom(json.at("matrices"), matrixFrom);
        result.series = listFrom(json.at("series"), seriesFrom);
        result.texts = listFrom(json.at("texts"), shadedTextFrom);
        return result;
    } catch (const nlohmann::json::exception& error) {
        throw Error(std::string("A stored analysis cannot be read: ") + error.what() + ".",
                    "Run the analysis again.");
    }
}

} // namespace tw
