// SPDX-License-Identifier: Apache-2.0
// Filters that make text of text.

#include "core/base/text.h"
#include "core/jinja/access.h"
#include "core/jinja/filter_table.h"
#include "core/jinja/format.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"
#include "core/jinja/text_split.h"
#include "core/jinja/unicode.h"

#include <cstdio>

namespace tw::jinja {
namespace {

template <std::u32string (*change)(std::u32string_view)>
Value changed(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("filter", arguments, {});
    const std::string text = toText(runtime, subject);
    runtime.checkText(text.size());
    return toUtf8(change(toCodePoints(text)));
}

/// Jinja's own: words start behind blanks, dashes and opening brackets.
std::u32string titledWords(std::u32string_view text)
{
    std::u32string out;
    std::u32string word;
    const auto flush = [&] {
        if (word.empty())
            return;
        out += upper(word.substr(0, 1)) + lower(word.substr(1));
        word.clear();
    };
    bool isInWord = false;
    for (const char32_t c : text) {
        const bool isParting =
            isSpace(c) || std::u32string_view(U"-({[<").find(c) != std::u32string_view::npos;
        if (isParting == isInWord)
            flush();
        isInWord = !isParting;
        word += c;
    }
    flush();
    return out;
}

Value trim(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("trim", arguments, {"chars"});
    const std::string text = toText(runtime, subject);
    runtime.checkText(text.size());
    if (bound[0] == nullptr || bound[0]->isNone())
        return std::string(stripped(text));
    const std::u32string points = toCodePoints(text);
    return toUtf8(strippedOf(points, toCodePoints(bound.text(0, {}))));
}

Value replace(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("replace", arguments, {"old", "new", "count"}, 2);
    const std::int64_t count = bound[2] == nullptr || bound[2]->isNone() ? -1 : bound.whole(2, -1);
    return replaced(runtime, toText(runtime, subject), toText(runtime, *bound[0]),
                    toText(runtime, *bound[1]), count);
}

Value indent(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("indent", arguments, {"width", "first", "blank"});
    if (!subject.isText())
        throw Failure(subject.isUndefined()
                          ? subject.why()
                          : "indent needs a text, not '" + subject.typeName() + "'");
    std::string margin;
    if (bound[0] != nullptr && bound[0]->isText())
        margin = *bound[0]->text();
    else
        margin.assign(
            static_cast<std::size_t>(std::clamp<std::int64_t>(bound.whole(0, 4), 0, 10'000)), ' ');
    const std::vector<std::string> lines = linesOf(*subject.text() + "\n", false);
    std::string out = bound.flag(1) ? margin : std::string {};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0)
            out += "\n";
        if (i > 0 && (bound.flag(2) || !lines[i].empty()))
            out += margin;
        out += lines[i];
        Runtime::limitText(out.size());
    }
    runtime.checkText(out.size());
    return subject.isMarkup() ? Value::markup(out) : Value(out);
}

Value center(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("center", arguments, {"width"});
    Arguments width;
    width.positional.emplace_back(bound.whole(0, 80));
    return findTextMethod("center")(runtime, toText(runtime, subject), width);
}

Value truncate(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("truncate", arguments, {"length", "killwords", "end", "leeway"});
    if (!subject.isText()) { // a short list is fine as it is
        if (static_cast<std::int64_t>(lengthOf(runtime, subject)) <= bound.whole(0, 255))
            return subject;
        throw Failure("truncate needs a text");
    }
    runtime.checkText(subject.text()->size());
    const std::u32string text = toCodePoints(*subject.text());
    const std::u32string end = toCodePoints(bound.text(2, "..."));
    const std::int64_t length = bound.whole(0, 255);
    const std::int64_t leeway =
        bound[3] == nullptr || bound[3]->isNone() ? 5 : bound.whole(3, 5); // Jinja's policy
    const auto kept = length - static_cast<std::int64_t>(end.size());
    if (kept < 0 || leeway < 0)
        throw Failure(
            "truncate: the length has to hold the end, and the leeway cannot be negative");
    if (static_cast<std::int64_t>(text.size()) - leeway <= length)
        return subject;
    std::u32string head = text.substr(0, static_cast<std::size_t>(kept));
    if (!bound.flag(1))
        head = head.substr(0, head.rfind(U' '));
    return toUtf8(head + end);
}

Value wordCount(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("wordcount", arguments, {});
    std::int64_t words = 0;
    bool isInWord = false;
    const std::string text = toText(runtime, subject);
    runtime.step(text.size() / 64); // looking a character up costs far more than copying it
    for (const char32_t c : toCodePoints(text)) {
        const bool isPart = c == U'_' || isLetter(c) || isNumeric(c);
        words += isPart && !isInWord ? 1 : 0;
        isInWord = isPart;
    }
    return words;
}

Value escape(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("escape", arguments, {});
    return subject.isMarkup() ? subject : Value::markup(escapeHtml(toText(runtime, subject)));
}

Value forceEscape(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("forceescape", arguments, {});
    return Value::markup(escapeHtml(toText(runtime, subject)));
}

Value safe(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("safe", arguments, {});
    return Value::markup(toText(runtime, subject));
}

Value string(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("string", arguments, {});
    return subject.isText() ? subject : Value(toText(runtime, subject));
}

Value format(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    if (!arguments.positional.empty() && !arguments.named.empty())
        throw Failure("format takes positional or keyword arguments, not both");
    if (arguments.named.empty())
        return formatPercent(runtime, toText(runtime, subject), Value::tuple(arguments.positional));
    Dict named;
    for (const auto& [name, value] : arguments.named)
        named.set(name, value);
    return formatPercent(runtime, toText(runtime, subject), Value::dict(std::move(named)));
}

std::string quoted(const std::string& text, bool isQuery)
{
    std::string out;
    for (const char c : text) {
        const bool isPlain = std::isalnum(static_cast<unsigned char>(c)) != 0
            || std::string_view("_.-~").find(c) != std::string_view::npos || (c == '/' && !isQuery);
        std::array<char, 8> code {};
        std::snprintf(code.data(), code.size(), "%%%02X",
                      static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += isPlain ? std::string(1, c) : c == ' ' && isQuery ? "+" : code.data();
    }
    return out;
}

Value urlEncode(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("urlencode", arguments, {});
    const bool isPairs =
        subject.dict() != nullptr || subject.list() != nullptr || subject.iterator() != nullptr;
    if (!isPairs)
        return quoted(toText(runtime, subject), false);
    std::string out;
    const Value pairs = subject.dict() == nullptr
        ? subject
        : findContainerMethod(subject, "items")(runtime, subject, {});
    for (const Value& pair : toVector(runtime, pairs)) {
        const std::vector<Value> parts = toVector(runtime, pair);
        if (parts.size() != 2)
            throw Failure("urlencode needs pairs");
        out += out.empty() ? "" : "&";
        out +=
            quoted(toText(runtime, parts[0]), true) + "=" + quoted(toText(runtime, parts[1]), true);
        Runtime::limitText(out.size());
    }
    return out;
}

constexpr std::array kFilters {
    NamedFunction<Filter> {"upper", changed<upper>},
    NamedFunction<Filter> {"lower", changed<lower>},
    NamedFunction<Filter> {"capitalize", changed<capitalized>},
    NamedFunction<Filter> {"title", changed<titledWords>},
    NamedFunction<Filter> {"trim", trim},
    NamedFunction<Filter> {"replace", replace},
    NamedFunction<Filter> {"indent", indent},
    NamedFunction<Filter> {"center", center},
    NamedFunction<Filter> {"truncate", truncate},
    NamedFunction<Filter> {"wordcount", wordCount},
    NamedFunction<Filter> {"e", escape},
    NamedFunction<Filter> {"escape", escape},
    NamedFunction<Filter> {"forceescape", forceEscape},
    NamedFunction<Filter> {"safe", safe},
    NamedFunction<Filter> {"string", string},
    NamedFunction<Filter> {"format", format},
    NamedFunction<Filter> {"urlencode", urlEncode},
};

} // namespace

Filter findTextFilter(std::string_view name)
{
    return findIn(kFilters, name);
}

} // namespace tw::jinja
