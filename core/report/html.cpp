// SPDX-License-Identifier: Apache-2.0
#include "core/report/html.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace tw::html {
namespace {

std::string withMinus(std::string text)
{
    if (!text.empty() && text.front() == '-')
        return "−" + text.substr(1);
    return text;
}

bool isNumber(const std::string& text)
{
    if (text.empty())
        return false;
    char* end = nullptr;
    std::strtod(text.c_str(), &end);
    return end == text.c_str() + text.size();
}

bool looksLikeFormula(const std::string& field)
{
    return !field.empty()
        && std::string_view("=+-@\t\r").find(field.front()) != std::string_view::npos
        && !isNumber(field);
}

std::string csvField(const std::string& text)
{
    const std::string field = looksLikeFormula(text) ? "'" + text : text;
    if (field.find_first_of(",\"\r\n") == std::string::npos)
        return field;
    std::string quoted = "\"";
    for (const char c : field) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

void addCsvRow(std::string& out, const std::vector<std::string>& fields)
{
    for (std::size_t i = 0; i < fields.size(); ++i)
        out += (i > 0 ? "," : "") + csvField(fields[i]);
    out += '\n';
}

} // namespace

std::string escaped(std::string_view text)
{
    const std::string repaired = isUtf8(text) ? std::string(text) : repairedUtf8(text);
    std::string out;
    out.reserve(repaired.size() + repaired.size() / 8);
    for (const char c : repaired) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'
                ? std::string("\uFFFD")
                : std::string(1, c);
        }
    }
    return out;
}

std::string escapedJson(std::string_view json)
{
    std::string out;
    out.reserve(json.size());
    for (const char c : json) {
        if (c == '<') // outside strings JSON has no '<', so the escape always stands inside one
            out += "\\u003c";
        else
            out += c;
    }
    return out;
}

std::string number(double value, int decimals)
{
    if (!std::isfinite(value))
        return "none";
    return withMinus(fixedDecimals(value, decimals));
}

std::string shortNumber(double value)
{
    if (!std::isfinite(value))
        return "none";
    char text[64];
    std::snprintf(text, sizeof text, "%.4g", std::abs(value) < 1e-12 ? 0.0 : value);
    return withMinus(text);
}

std::string csv(const Data& data)
{
    std::string out;
    addCsvRow(out, data.columns);
    for (const auto& row : data.rows)
        addCsvRow(out, row);
    return out;
}

std::string dataBehind(const std::string& id, const Data& data)
{
    return "<details class=\"data\" id=\"" + escaped(id)
        + "-data\"><summary>Numbers as CSV</summary><pre class=\"csv\">" + escaped(csv(data))
        + "</pre></details>\n";
}

std::string table(const Data& data)
{
    std::vector<bool> isRight(data.columns.size(), !data.rows.empty());
    for (const auto& row : data.rows)
        for (std::size_t c = 0; c < isRight.size() && c < row.size(); ++c)
            isRight[c] = isRight[c] && (row[c].empty() || isNumber(row[c]));
    const auto open = [&](const char* tag, std::size_t c) {
        return std::string("<") + tag + (c < isRight.size() && isRight[c] ? " class=\"n\">" : ">");
    };
    std::string out = "<div class=\"wide\"><table><thead><tr>";
    for (std::size_t c = 0; c < data.columns.size(); ++c)
        out += open("th", c) + escaped(data.columns[c]) + "</th>";
    out += "</tr></thead><tbody>\n";
    for (const auto& row : data.rows) {
        out += "<tr>";
        for (std::size_t c = 0; c < row.size(); ++c)
            out += open("td", c) + escaped(isNumber(row[c]) ? withMinus(row[c]) : row[c]) + "</td>";
        out += "</tr>\n";
    }
    return out + "</tbody></table></div>\n";
}

std::string facts(const std::vector<std::pair<std::string, std::string>>& rows)
{
    std::string out = "<dl class=\"facts\">";
    for (const auto& [label, value] : rows)
        out += "<div><dt>" + escaped(label) + "</dt><dd>" + escaped(value) + "</dd></div>\n";
    return out + "</dl>\n";
}

} // namespace tw::html
