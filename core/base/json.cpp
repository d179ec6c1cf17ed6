// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"

#include "core/base/text.h"

#include <algorithm>
#include <limits>

namespace tw {
namespace {

constexpr int kMaxDepth =
    200; // a stack frame per level: far more than any document needs, far less than overflows

bool isTooDeep(std::string_view text)
{
    int depth = 0;
    bool isInString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (isInString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                isInString = false;
        } else if (c == '"') {
            isInString = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxDepth)
                return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

std::string placeOf(std::string_view text, std::size_t offset)
{
    const auto head = text.substr(0, std::min(offset == 0 ? 0 : offset - 1, text.size()));
    const auto line = std::count(head.begin(), head.end(), '\n') + 1;
    const auto lastBreak = head.rfind('\n');
    const auto column =
        lastBreak == std::string_view::npos ? head.size() + 1 : head.size() - lastBreak;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

} // namespace

Json parseJson(std::string_view text, const std::string& where)
{
    if (isTooDeep(text))
        throw Error(where + ": the JSON is nested more than " + std::to_string(kMaxDepth)
                        + " levels deep.",
                    "Check whether this is the right file.");
    try {
        return Json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
        throw Error(where + ": not valid JSON at " + placeOf(text, error.byte) + ".",
                    "Open the file in an editor and mend that place.");
    } catch (const nlohmann::json::exception& error) { // a number out of range
        throw Error(where + ": not valid JSON (" + error.what() + ").",
                    "Mend the file, or write it again.");
    }
}

Json readJsonFile(const std::filesystem::path& path, std::size_t maxBytes)
{
    return parseJson(readFile(path, maxBytes), path.string());
}

Json toJson(const ParamValue& value)
{
    return std::visit([](const auto& v) { return Json(v); }, value);
}

Json toJson(const ParamValues& values)
{
    Json json = Json::object();
    for (const auto& [id, value] : values)
        json[id] = toJson(value);
    return json;
}

ParamValue paramValueFrom(const Json& json, const std::string& where)
{
    if (json.is_boolean())
        return json.get<bool>();
    if (json.is_number_unsigned()) {
        const auto number = json.get<std::uint64_t>();
        if (number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return static_cast<std::int64_t>(number);
        return static_cast<double>(number);
    }
    if (json.is_number_integer())
        return json.get<std::int64_t>();
    if (json.is_number_float())
        return json.get<double>();
    if (json.is_string())
        return json.get<std::string>();
    throw Error(where + " has to be a number, a text, true or false.");
}

ParamValues paramValuesFrom(const Json& json, const std::string& where)
{
    if (!json.is_object())
        throw Error(where + " has to be an object with the settings by name.");
    ParamValues values;
    for (const auto& [id, value] : json.items())
        values[id] = paramValueFrom(value, where + "." + id);
    return values;
}

} // namespace tw
