// SPDX-License-Identifier: Apache-2.0
// The methods of Python's str.

#include "core/base/text.h"
#include "core/jinja/access.h"
#include "core/jinja/format.h"
#include "core/jinja/runtime.h"
#include "core/jinja/text_split.h"
#include "core/jinja/unicode.h"

#include <algorithm>
#include <array>

namespace tw::jinja {
namespace {

using Points = std::u32string;

Points points(const Value& self)
{
    return toCodePoints(*self.text());
}

Value textOf(Runtime& runtime, const Points& text)
{
    runtime.checkText(text.size());
    return toUtf8(text);
}

void refuseArguments(const char* name, const Arguments& arguments)
{
    if (!arguments.isEmpty())
        throw Failure(std::string(name) + "() takes no arguments");
}

template <Points (*change)(std::u32string_view)>
Value changed(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    refuseArguments("this text method", arguments);
    return textOf(runtime, change(points(self)));
}

template <bool left, bool right>
Value strip(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("strip", arguments, {"chars"});
    runtime.checkText(self.text()->size());
    if (bound[0] == nullptr || bound[0]->isNone())
        return std::string(stripped(*self.text(), left, right));
    const Points characters = toCodePoints(bound.text(0, {}));
    const Points text = points(self);
    return toUtf8(strippedOf(text, characters, left, right));
}

/// The stretch that start and end arguments (parameters 1 and 2) leave of the text.
struct Window
{
    Points text;
    std::size_t start = 0;
    bool isValid = true; ///< false where start lies behind the end
};

Window windowOf(const Value& self, const Bound& bound)
{
    const Points all = points(self);
    const auto size = static_cast<std::int64_t>(all.size());
    const auto at = [&](std::size_t i, std::int64_t otherwise) {
        if (bound[i] == nullptr || bound[i]->isNone())
            return otherwise;
        const std::int64_t given = bound.whole(i, 0);
        return given < 0 ? std::max<std::int64_t>(0, std::max(given, -size) + size) : given;
    };
    const std::int64_t start = at(1, 0);
    const std::int64_t end = std::min(at(2, size), size);
    if (start > end || start > size)
        return {{}, 0, false};
    return {all.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start)),
            static_cast<std::size_t>(start), true};
}

template <bool atStart>
Value hasAffix(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound(atStart ? "startswith" : "endswith", arguments, {"affix", "start", "end"}, 1);
    runtime.checkText(self.text()->size());
    const Window window = windowOf(self, bound);
    const auto fits = [&](const Value& affix) {
        if (!affix.isText())
            throw Failure("startswith() and endswith() need a text or a tuple of texts");
        const Points part = toCodePoints(*affix.text());
        return window.isValid
            && (atStart ? window.text.starts_with(part) : window.text.ends_with(part));
    };
    const List* list = bound[0]->list();
    if (list != nullptr && list->kind == ListKind::Tuple)
        return std::any_of(list->items.begin(), list->items.end(), fits);
    return fits(*bound[0]);
}

template <bool fromEnd>
std::int64_t search(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("find", arguments, {"sub", "start", "end"}, 1);
    runtime.checkText(self.text()->size());
    const Points part = toCodePoints(bound.text(0, {}));
    const Window window = windowOf(self, bound);
    const std::size_t at = fromEnd ? window.text.rfind(part) : window.text.find(part);
    if (!window.isValid || at == Points::npos)
        return -1;
    return static_cast<std::int64_t>(at + window.start);
}

template <bool fromEnd>
Value find(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    return search<fromEnd>(runtime, self, arguments);
}

template <bool fromEnd>
Value index(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const std::int64_t at = search<fromEnd>(runtime, self, arguments);
    if (at < 0)
        throw Failure("index(): the text was not found");
    return at;
}

Value count(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("count", arguments, {"sub", "start", "end"}, 1);
    runtime.checkText(self.text()->size());
    const Points part = toCodePoints(bound.text(0, {}));
    const Window window = windowOf(self, bound);
    if (!window.isValid)
        return 0;
    if (part.empty())
        return Value::count(window.text.size() + 1);
    std::int64_t found = 0;
    for (std::size_t at = window.text.find(part); at != Points::npos;
         at = window.text.find(part, at + part.size()))
        ++found;
    return found;
}

Value replace(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("replace", arguments, {"old", "new", "count"}, 2);
    return replaced(runtime, *self.text(), bound.text(0, {}), bound.text(1, {}),
                    bound.whole(2, -1));
}

template <bool fromEnd>
Value split(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("split", arguments, {"sep", "maxsplit"});
    const std::int64_t limit = bound.whole(1, -1);
    runtime.checkText(self.text()->size());
    if (bound[0] == nullptr || bound[0]->isNone())
        return fromEnd ? splitBlanksFromEnd(*self.text(), limit) : splitBlanks(*self.text(), limit);
    return fromEnd ? splitAtFromEnd(*self.text(), bound.text(0, {}), limit)
                   : splitAt(*self.text(), bound.text(0, {}), limit);
}

Value splitLines(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("splitlines", arguments, {"keepends"});
    runtime.checkText(self.text()->size());
    std::vector<Value> lines;
    for (std::string& line : linesOf(*self.text(), bound.flag(0)))
        lines.emplace_back(std::move(line));
    return Value::list(std::move(lines));
}

template <bool fromEnd>
Value partition(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("partition", arguments, {"sep"}, 1);
    const std::string separator = bound.text(0, {});
    const std::string& text = *self.text();
    runtime.checkText(text.size());
    if (separator.empty())
        throw Failure("partition() needs a separator that is not empty");
    const std::size_t at = fromEnd ? text.rfind(separator) : text.find(separator);
    if (at == std::string::npos)
        return fromEnd ? Value::tuple({"", "", text}) : Value::tuple({text, "", ""});
    return Value::tuple({text.substr(0, at), separator, text.substr(at + separator.size())});
}

Value join(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("join", arguments, {"iterable"}, 1);
    std::string out;
    bool isFirst = true;
    for (const Value& item : toVector(runtime, *bound[0])) {
        if (!item.isText())
            throw Failure("join() needs texts, not '" + item.typeName() + "'");
        out += std::exchange(isFirst, false) ? std::string {} : *self.text();
        out += *item.text();
        Runtime::limitText(out.size());
    }
    runtime.checkText(out.size());
    return out;
}

Value removePrefix(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("removeprefix", arguments, {"prefix"}, 1);
    const std::string prefix = bound.text(0, {});
    runtime.checkText(self.text()->size());
    return self.text()->starts_with(prefix) ? self.text()->substr(prefix.size()) : *self.text();
}

Value removeSuffix(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("removesuffix", arguments, {"suffix"}, 1);
    const std::string suffix = bound.text(0, {});
    const std::string& text = *self.text();
    runtime.checkText(text.size());
    return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

enum class Side
{
    Left,
    Right,
    Center
};

template <Side side>
Value justify(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("justify", arguments, {"width", "fillchar"}, 1);
    const Points fill = toCodePoints(bound.text(1, " "));
    const Points text = points(self);
    const std::int64_t missing = bound.whole(0, 0) - static_cast<std::int64_t>(text.size());
    if (fill.size() != 1)
        throw Failure("the fill character has to be exactly one character");
    if (missing <= 0)
        return *self.text();
    runtime.checkText(static_cast<std::size_t>(missing));
    // Python's center puts the odd one to the left where the width is odd.
    const std::int64_t odd = missing & bound.whole(0, 0) & 1;
    const std::int64_t left = side == Side::Left ? 0
        : side == Side::Right                    ? missing
                                                 : missing / 2 + odd;
    return textOf(runtime,
                  Points(static_cast<std::size_t>(left), fill[0]) + text
                      + Points(static_cast<std::size_t>(missing - left), fill[0]));
}

Value zeroFill(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("zfill", arguments, {"width"}, 1);
    const std::string& text = *self.text();
    const std::int64_t missing = bound.whole(0, 0) - static_cast<std::int64_t>(countPoints(text));
    if (missing <= 0)
        return text;
    runtime.checkText(static_cast<std::size_t>(missing));
    const bool hasSign = text.starts_with('-') || text.starts_with('+');
    return text.substr(0, hasSign ? 1 : 0) + std::string(static_cast<std::size_t>(missing), '0')
        + text.substr(hasSign ? 1 : 0);
}

Value expandTabs(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("expandtabs", arguments, {"tabsize"});
    const std::int64_t size = std::max<std::int64_t>(0, bound.whole(0, 8));
    runtime.checkText(static_cast<std::size_t>(size));
    Points out;
    std::int64_t column = 0;
    for (const char32_t c : points(self)) {
        if (c == U'\t') {
            const std::int64_t blanks = size == 0 ? 0 : size - column % size;
            out.append(static_cast<std::size_t>(blanks), U' ');
            column += blanks;
        } else {
            out += c;
            column = c == U'\n' || c == U'\r' ? 0 : column + 1;
        }
        Runtime::limitText(out.size());
    }
    return textOf(runtime, out);
}

Value format(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    return formatBraces(runtime, *self.text(), arguments);
}

Value formatMap(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("format_map", arguments, {"mapping"}, 1);
    if (bound[0]->dict() == nullptr)
        throw Failure("format_map() needs a mapping");
    Arguments named;
    for (const auto& [key, value] : bound[0]->dict()->entries()) {
        if (key.isText())
            named.named.emplace_back(*key.text(), value);
    }
    return formatBraces(runtime, *self.text(), named);
}

template <bool (*fits)(char32_t)>
Value all(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    refuseArguments("this text method", arguments);
    runtime.checkText(self.text()->size());
    const Points text = points(self);
    return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

bool isLetterOrNumber(char32_t c)
{
    return isLetter(c) || isNumeric(c);
}

Value isAscii(Runtime&, const Value& self, const Arguments& arguments)
{
    refuseArguments("isascii", arguments);
    return std::all_of(self.text()->begin(), self.text()->end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Value isAllPrintable(Runtime&, const Value& self, const Arguments& arguments)
{
    refuseArguments("isprintable", arguments);
    const Points text = points(self);
    return std::all_of(text.begin(), text.end(), isPrintable);
}

Value isIdentifier(Runtime&, const Value& self, const Arguments& arguments)
{
    refuseArguments("isidentifier", arguments);
    const Points text = points(self);
    const auto isPart = [](char32_t c) { return c == U'_' || isLetter(c) || isDecimal(c); };
    return !text.empty() && !isDecimal(text.front())
        && std::all_of(text.begin(), text.end(), isPart);
}

template <bool (*wanted)(char32_t), bool (*unwanted)(char32_t)>
Value hasCase(Runtime&, const Value& self, const Arguments& arguments)
{
    refuseArguments("this text method", arguments);
    const Points text = points(self);
    return std::any_of(text.begin(), text.end(), wanted)
        && std::none_of(text.begin(), text.end(), unwanted);
}

Value isTitle(Runtime&, const Value& self, const Arguments& arguments)
{
    refuseArguments("istitle", arguments);
    bool isInWord = false;
    bool hasAny = false;
    for (const char32_t c : points(self)) {
        if ((isUpper(c) && isInWord) || (isLower(c) && !isInWord))
            return false;
        isInWord = isCased(c);
        hasAny = hasAny || isInWord;
    }
    return hasAny;
}

struct Named
{
    std::string_view name;
    Method method;
};

constexpr std::array kMethods {
    Named {"strip", strip<true, true>},
    Named {"lstrip", strip<true, false>},
    Named {"rstrip", strip<false, true>},
    Named {"startswith", hasAffix<true>},
    Named {"endswith", hasAffix<false>},
    Named {"split", split<false>},
    Named {"rsplit", split<true>},
    Named {"splitlines", splitLines},
    Named {"replace", replace},
    Named {"upper", changed<upper>},
    Named {"lower", changed<lower>},
    Named {"title", changed<titled>},
    Named {"capitalize", changed<capitalized>},
    Named {"swapcase", changed<swappedCase>},
    Named {"casefold", changed<folded>},
    Named {"join", join},
    Named {"find", find<false>},
    Named {"rfind", find<true>},
    Named {"index", index<false>},
    Named {"rindex", index<true>},
    Named {"count", count},
    Named {"partition", partition<false>},
    Named {"rpartition", partition<true>},
    Named {"removeprefix", removePrefix},
    Named {"removesuffix", removeSuffix},
    Named {"ljust", justify<Side::Left>},
    Named {"rjust", justify<Side::Right>},
    Named {"center", justify<Side::Center>},
    Named {"zfill", zeroFill},
    Named {"expandtabs", expandTabs},
    Named {"format", format},
    Named {"format_map", formatMap},
    Named {"isspace", all<isSpace>},
    Named {"isalpha", all<isLetter>},
    Named {"isdecimal", all<isDecimal>},
    Named {"isdigit", all<isDigit>},
    Named {"isnumeric", all<isNumeric>},
    Named {"isalnum", all<isLetterOrNumber>},
    Named {"isascii", isAscii},
    Named {"isprintable", isAllPrintable},
    Named {"isidentifier", isIdentifier},
    Named {"islower", hasCase<isLower, isUpper>},
    Named {"isupper", hasCase<isUpper, isLower>},
    Named {"istitle", isTitle},
};

} // namespace

Method findTextMethod(std::string_view name)
{
    const auto it = std::find_if(kMethods.begin(), kMethods.end(),
                                 [&](const Named& known) { return known.name == name; });
    return it == kMethods.end() ? nullptr : it->method;
}

} // namespace tw::jinja
