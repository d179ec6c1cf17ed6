// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"

#include "core/base/text.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace tw {
namespace {

constexpr std::size_t kMaxDepth =
    200; // a stack frame per level: far more than any document needs, far less than overflows

/// Our JSON keeps the order of keys and looks through all of them to add one: the time grows with
/// the square. Documents, configurations and rows have a few dozen, PEFT's patterns thousands.
constexpr std::size_t kMaxKeys = 20'000;

// A tree takes more memory than its text. What its parts take, roughly: values stand in lists that
// grow by doubling, containers and texts have a piece of memory of their own.
constexpr std::size_t kBytesOfValue = 24;
constexpr std::size_t kBytesOfText = 48;
constexpr std::size_t kBytesOfContainer = 64;
constexpr std::size_t kAlwaysFine = 40'000'000; // bytes of a tree, whatever its text
constexpr std::size_t kMostGrowth = 2;

[[noreturn]] void failTooDeep(const std::string& where)
{
    throw Error(where + ": the JSON is nested more than " + std::to_string(kMaxDepth)
                    + " levels deep.",
                "Check whether this is the right file.");
}

/// Refuses what would take a tree too long or a stack too deep, before a tree is built. The text
/// may be no JSON at all.
void checkShape(std::string_view text, const std::string& where)
{
    std::vector<std::size_t> keys; // of each object or array that is open
    const std::size_t most = kAlwaysFine + kMostGrowth * text.size();
    std::size_t tree = 0; // bytes
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
            tree += kBytesOfText;
        } else if (c == ',') {
            tree += kBytesOfValue;
        } else if (c == '[' || c == '{') {
            tree += kBytesOfContainer;
            if (keys.size() == kMaxDepth)
                failTooDeep(where);
            keys.push_back(0);
        } else if ((c == ']' || c == '}') && !keys.empty()) {
            keys.pop_back();
        } else if (c == ':' && !keys.empty() && ++keys.back() > kMaxKeys) {
            throw Error(where + ": an object in the JSON has more than " + groupedDigits(kMaxKeys)
                            + " keys.",
                        "Its keys seem to be data: turn them into values of a list.");
        }
        if (tree > most)
            throw Error(where + ": the JSON is of so many small parts that it would take more than "
                            + bytesInWords(most) + " of memory.",
                        "Check whether this is the right file.");
    }
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

[[noreturn]] void failAt(std::string_view text, std::size_t byte, const std::string& where)
{
    throw Error(where + ": not valid JSON at " + placeOf(text, byte) + ".",
                "Open the file in an editor and mend that place.");
}

/// Passes events on; what is no JSON becomes our Error.
class CheckedEvents final : public nlohmann::json_sax<Json>
{
public:
    CheckedEvents(nlohmann::json_sax<Json>& events, std::string_view text, const std::string& where)
        : m_events(events)
        , m_text(text)
        , m_where(where)
    {
    }
    bool null() override { return m_events.null(); }
    bool boolean(bool value) override { return m_events.boolean(value); }
    bool number_integer(number_integer_t value) override { return m_events.number_integer(value); }
    bool number_unsigned(number_unsigned_t value) override
    {
        return m_events.number_unsigned(value);
    }
    bool number_float(number_float_t value, const string_t& text) override
    {
        return m_events.number_float(value, text);
    }
    bool string(string_t& value) override { return m_events.string(value); }
    bool binary(binary_t& value) override { return m_events.binary(value); }
    bool start_object(std::size_t count) override
    {
        return deeper() && m_events.start_object(count);
    }
    bool key(string_t& value) override { return m_events.key(value); }
    bool end_object() override { return --m_depth, m_events.end_object(); }
    bool start_array(std::size_t count) override { return deeper() && m_events.start_array(count); }
    bool end_array() override { return --m_depth, m_events.end_array(); }
    bool
    parse_error(std::size_t byte, const std::string&, const nlohmann::detail::exception&) override
    {
        failAt(m_text, byte, m_where);
    }

private:
    bool deeper()
    {
        if (++m_depth > kMaxDepth)
            failTooDeep(m_where);
        return true;
    }

    nlohmann::json_sax<Json>& m_events;
    std::string_view m_text;
    const std::string& m_where;
    std::size_t m_depth = 0;
};

} // namespace

bool parseJsonEvents(std::string_view text,
                     const std::string& where,
                     nlohmann::json_sax<Json>& events)
{
    CheckedEvents checked(events, text, where);
    return Json::sax_parse(text, &checked);
}

Json parseJson(std::string_view text, const std::string& where)
{
    checkShape(text, where);
    try {
        return Json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
        failAt(text, error.byte, where);
    } catch (const nlohmann::json::out_of_range&) {
        throw Error(where + ": it holds a number that is too large for any computer.",
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
