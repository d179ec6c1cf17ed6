// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/print.h"

#include "core/base/text.h"
#include "core/jinja/runtime.h"
#include "core/jinja/unicode.h"
#include "core/jinja/whole.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace tw::jinja {
namespace {

void appendHex(std::string& out, const char* prefix, unsigned value, int digits)
{
    std::array<char, 16> text {};
    std::snprintf(text.data(), text.size(), "%s%0*x", prefix, digits, value);
    out += text.data();
}

std::string representText(const std::string& text)
{
    const bool hasSingle = text.find('\'') != std::string::npos;
    const char quote = hasSingle && text.find('"') == std::string::npos ? '"' : '\'';
    std::string out(1, quote);
    for (const char32_t c : toCodePoints(text)) {
        if (c == static_cast<char32_t>(quote) || c == U'\\')
            (out += '\\') += static_cast<char>(c);
        else if (c == U'\n')
            out += "\\n";
        else if (c == U'\r')
            out += "\\r";
        else if (c == U'\t')
            out += "\\t";
        else if (isPrintable(c))
            appendUtf8(out, c);
        else if (c < 0x100)
            appendHex(out, "\\x", static_cast<unsigned>(c), 2);
        else if (c < 0x10000)
            appendHex(out, "\\u", static_cast<unsigned>(c), 4);
        else
            appendHex(out, "\\U", static_cast<unsigned>(c), 8);
    }
    return out + quote;
}

class Representer
{
public:
    explicit Representer(Runtime& runtime)
        : m_runtime(runtime)
    {
    }
    std::string take() { return std::move(m_out); }

    void add(const Value& value)
    {
        const Runtime::Level level(m_runtime);
        m_runtime.step();
        if (value.isText())
            put(value.isMarkup() ? "Markup(" + representText(*value.text()) + ")"
                                 : representText(*value.text()));
        else if (value.isUndefined())
            put("Undefined");
        else if (const List* list = value.list())
            addList(*list);
        else if (const Dict* dict = value.dict())
            addDict(*dict);
        else
            put(toText(m_runtime, value));
    }

private:
    void put(const std::string& text)
    {
        m_out += text;
        Runtime::limitText(m_out.size());
    }
    void addList(const List& list)
    {
        static constexpr std::array<std::array<const char*, 2>, 6> kBrackets {
            {{"[", "]"},
             {"(", ")"},
             {"", ""},
             {"dict_keys([", "])"},
             {"dict_values([", "])"},
             {"dict_items([", "])"}}};
        if (list.kind == ListKind::Range) {
            put("range(" + std::to_string(list.start) + ", " + std::to_string(list.stop)
                + (list.stride == 1 ? "" : ", " + std::to_string(list.stride)) + ")");
            return;
        }
        const auto& brackets = kBrackets[static_cast<std::size_t>(list.kind)];
        put(brackets[0]);
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            if (i > 0)
                put(", ");
            add(list.items[i]);
        }
        if (list.kind == ListKind::Tuple && list.items.size() == 1)
            put(",");
        put(brackets[1]);
    }
    void addDict(const Dict& dict)
    {
        put("{");
        bool isFirst = true;
        for (const auto& [key, value] : dict.entries()) {
            if (!std::exchange(isFirst, false))
                put(", ");
            add(key);
            put(": ");
            add(value);
        }
        put("}");
    }

    Runtime& m_runtime;
    std::string m_out;
};

class JsonWriter
{
public:
    JsonWriter(Runtime& runtime, const JsonStyle& style)
        : m_runtime(runtime)
        , m_style(style)
        , m_itemSeparator(style.itemSeparator.value_or(style.indent ? "," : ", "))
        , m_keySeparator(style.keySeparator.value_or(": "))
    {
    }
    std::string take() { return std::move(m_out); }

    void add(const Value& value)
    {
        const Runtime::Level level(m_runtime);
        m_runtime.step();
        if (value.isText())
            addText(*value.text());
        else if (value.isNumber() || value.isNone())
            put(scalar(value));
        else if (const List* list = value.list(); list != nullptr && list->kind <= ListKind::Tuple)
            addList(list->items);
        else if (const Dict* dict = value.dict())
            addDict(*dict);
        else
            throw Failure("'" + value.typeName() + "' cannot be written as JSON");
    }

private:
    static std::string scalar(const Value& value)
    {
        if (value.isNone())
            return "null";
        if (value.isBool())
            return value.whole() != 0 ? "true" : "false";
        if (value.isInt())
            return wholeText(value);
        const double number = value.real();
        if (std::isnan(number))
            return "NaN";
        if (std::isinf(number))
            return number > 0 ? "Infinity" : "-Infinity";
        return floatText(number);
    }
    void put(const std::string& text)
    {
        m_out += text;
        Runtime::limitText(m_out.size());
    }
    void addText(const std::string& text)
    {
        std::string out = "\"";
        const auto escaped = [&](unsigned unit) { appendHex(out, "\\u", unit, 4); };
        for (const char32_t c : toCodePoints(text)) {
            static constexpr std::string_view kShort = "\"\\\n\r\t\b\f";
            static constexpr std::string_view kNames = "\"\\nrtbf";
            const std::size_t at =
                c < 0x80 ? kShort.find(static_cast<char>(c)) : std::string_view::npos;
            if (at != std::string_view::npos)
                (out += '\\') += kNames[at];
            else if (c < 0x20 || (m_style.isAscii && c >= 0x7F && c < 0x10000))
                escaped(static_cast<unsigned>(c));
            else if (m_style.isAscii && c >= 0x10000) {
                escaped(0xD800U + ((static_cast<unsigned>(c) - 0x10000U) >> 10U));
                escaped(0xDC00U + ((static_cast<unsigned>(c) - 0x10000U) & 0x3FFU));
            } else
                appendUtf8(out, c);
        }
        put(out + "\"");
    }
    void breakLine()
    {
        if (!m_style.indent)
            return;
        put("\n");
        for (int i = 0; i < m_level; ++i)
            put(*m_style.indent);
    }
    void addList(const std::vector<Value>& items)
    {
        if (items.empty())
            return put("[]");
        put("[");
        ++m_level;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i > 0)
                put(m_itemSeparator);
            breakLine();
            add(items[i]);
        }
        --m_level;
        breakLine();
        put("]");
    }
    static std::string keyText(const Value& key)
    {
        if (key.isText())
            return *key.text();
        if (key.isNumber() || key.isNone())
            return scalar(key);
        throw Failure("keys of JSON have to be texts or numbers, not '" + key.typeName() + "'");
    }
    void addDict(const Dict& dict)
    {
        if (dict.entries().empty())
            return put("{}");
        std::vector<Dict::Entry> entries = dict.entries();
        if (m_style.sortKeys) {
            std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
                return isLess(m_runtime, a.first, b.first);
            });
        }
        put("{");
        ++m_level;
        bool isFirst = true;
        for (const auto& [key, value] : entries) {
            if (!std::exchange(isFirst, false))
                put(m_itemSeparator);
            breakLine();
            addText(keyText(key));
            put(m_keySeparator);
            add(value);
        }
        --m_level;
        breakLine();
        put("}");
    }

    Runtime& m_runtime;
    const JsonStyle& m_style;
    std::string m_itemSeparator;
    std::string m_keySeparator;
    std::string m_out;
    int m_level = 0;
};

} // namespace

std::string floatText(double number)
{
    if (std::isnan(number))
        return "nan";
    if (std::isinf(number))
        return number > 0 ? "inf" : "-inf";
    std::array<char, 64> raw {};
    const auto end =
        std::to_chars(raw.data(), raw.data() + raw.size(), number, std::chars_format::scientific)
            .ptr;
    const std::string_view scientific(raw.data(), static_cast<std::size_t>(end - raw.data()));
    const std::size_t e = scientific.find('e');
    int exponent = 0; // from_chars takes no plus sign
    const std::string_view power = scientific.substr(scientific[e + 1] == '+' ? e + 2 : e + 1);
    std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (exponent >= -4 && exponent < 16) {
        std::array<char, 64> fixed {};
        const auto stop = std::to_chars(fixed.data(), fixed.data() + fixed.size(), number,
                                        std::chars_format::fixed)
                              .ptr;
        std::string text(fixed.data(), stop);
        return text.find('.') == std::string::npos ? text + ".0" : text;
    }
    return std::string(scientific); // two exponent digits at least, as Python has it
}

std::string toText(Runtime& runtime, const Value& value)
{
    if (value.isText())
        return *value.text();
    if (value.isUndefined())
        return {};
    if (value.isNone())
        return "None";
    if (value.isBool())
        return value.whole() != 0 ? "True" : "False";
    if (value.isInt())
        return wholeText(value);
    if (value.isFloat())
        return floatText(value.real());
    if (const Object* object = value.object())
        return object->representation(runtime);
    if (value.iterator() != nullptr)
        return "<generator object>"; // Python prints an address here, which nobody can rely on
    return represent(runtime, value);
}

std::string represent(Runtime& runtime, const Value& value)
{
    Representer representer(runtime);
    representer.add(value);
    return representer.take();
}

std::string toJson(Runtime& runtime, const Value& value, const JsonStyle& style)
{
    JsonWriter writer(runtime, style);
    writer.add(value);
    return writer.take();
}

std::string escapeHtml(std::string_view text)
{
    std::string out;
    for (const char c : text) {
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
        case '\'':
            out += "&#39;";
            break;
        case '"':
            out += "&#34;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

} // namespace tw::jinja
