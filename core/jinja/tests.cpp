// SPDX-License-Identifier: Apache-2.0
// What may follow `is`.

#include "core/base/text.h"
#include "core/jinja/filter_table.h"
#include "core/jinja/operators.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"
#include "core/jinja/unicode.h"

namespace tw::jinja {
namespace {

using Fits = bool (*)(const Value&);

/// A test without arguments.
template <Fits fits>
bool plain(Runtime&, const Value& subject, const Arguments& arguments)
{
    const Bound bound("this test", arguments, {});
    return fits(subject);
}

bool isDefined(const Value& value)
{
    return !value.isUndefined();
}
bool isUndefined(const Value& value)
{
    return value.isUndefined();
}
bool isNone(const Value& value)
{
    return value.isNone();
}
bool isBoolean(const Value& value)
{
    return value.isBool();
}
bool isYes(const Value& value)
{
    return value.isBool() && value.whole() != 0;
}
bool isNo(const Value& value)
{
    return value.isBool() && value.whole() == 0;
}
bool isInteger(const Value& value)
{
    return value.isInt();
}
bool isReal(const Value& value)
{
    return value.isFloat();
}
bool isNumber(const Value& value)
{
    return value.isNumber();
}
bool isString(const Value& value)
{
    return value.isText();
}
bool isMapping(const Value& value)
{
    return value.dict() != nullptr;
}
bool isSequence(const Value& value)
{
    const List* list = value.list();
    return value.isText() || value.isUndefined() || value.dict() != nullptr
        || (list != nullptr && list->kind < ListKind::Keys);
}
bool isIterable(const Value& value)
{
    return isSequence(value) || value.list() != nullptr || value.iterator() != nullptr;
}
bool isCallable(const Value& value)
{
    return value.isUndefined() || (value.object() != nullptr && value.object()->isCallable());
}
bool isEscaped(const Value& value)
{
    return value.isMarkup();
}

template <bool (*wanted)(char32_t), bool (*unwanted)(char32_t)>
bool hasCase(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("this test", arguments, {});
    const std::u32string text = toCodePoints(toText(runtime, subject));
    return std::any_of(text.begin(), text.end(), wanted)
        && std::none_of(text.begin(), text.end(), unwanted);
}

template <int rest>
bool isOddOrEven(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("this test", arguments, {});
    return areEqual(runtime, remainder(runtime, subject, 2), rest);
}

bool isDivisibleBy(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("divisibleby", arguments, {"num"}, 1);
    return areEqual(runtime, remainder(runtime, subject, *bound[0]), 0);
}

bool isSameAs(Runtime&, const Value& subject, const Arguments& arguments)
{
    const Bound bound("sameas", arguments, {"other"}, 1);
    return subject.isSame(*bound[0]);
}

bool isIn(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("in", arguments, {"seq"}, 1);
    return contains(runtime, *bound[0], subject);
}

using Compare = bool (*)(Runtime&, const Value&, const Value&);

template <Compare compare, bool isSwapped, bool isNegated>
bool compared(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("this test", arguments, {"other"}, 1);
    return (isSwapped ? compare(runtime, *bound[0], subject) : compare(runtime, subject, *bound[0]))
        != isNegated;
}

bool isFilterName(Runtime&, const Value& subject, const Arguments& arguments)
{
    const Bound bound("filter", arguments, {});
    hashKey(subject); // Jinja looks it up in a mapping, which refuses lists and mappings
    return subject.isText() && findFilter(*subject.text()) != nullptr;
}

bool isTestName(Runtime&, const Value& subject, const Arguments& arguments)
{
    const Bound bound("test", arguments, {});
    hashKey(subject);
    return subject.isText() && findTest(*subject.text()) != nullptr;
}

using Row = NamedFunction<Test>;
constexpr std::array kTests {
    Row {"defined", plain<isDefined>},
    Row {"undefined", plain<isUndefined>},
    Row {"none", plain<isNone>},
    Row {"boolean", plain<isBoolean>},
    Row {"true", plain<isYes>},
    Row {"false", plain<isNo>},
    Row {"integer", plain<isInteger>},
    Row {"float", plain<isReal>},
    Row {"number", plain<isNumber>},
    Row {"string", plain<isString>},
    Row {"mapping", plain<isMapping>},
    Row {"sequence", plain<isSequence>},
    Row {"iterable", plain<isIterable>},
    Row {"callable", plain<isCallable>},
    Row {"escaped", plain<isEscaped>},
    Row {"lower", hasCase<isLower, isUpper>},
    Row {"upper", hasCase<isUpper, isLower>},
    Row {"odd", isOddOrEven<1>},
    Row {"even", isOddOrEven<0>},
    Row {"divisibleby", isDivisibleBy},
    Row {"sameas", isSameAs},
    Row {"in", isIn},
    Row {"filter", isFilterName},
    Row {"test", isTestName},
    Row {"==", compared<areEqual, false, false>},
    Row {"eq", compared<areEqual, false, false>},
    Row {"equalto", compared<areEqual, false, false>},
    Row {"!=", compared<areEqual, false, true>},
    Row {"ne", compared<areEqual, false, true>},
    Row {">", compared<isLess, true, false>},
    Row {"gt", compared<isLess, true, false>},
    Row {"greaterthan", compared<isLess, true, false>},
    Row {"<", compared<isLess, false, false>},
    Row {"lt", compared<isLess, false, false>},
    Row {"lessthan", compared<isLess, false, false>},
    Row {">=", compared<isLessOrEqual, true, false>},
    Row {"ge", compared<isLessOrEqual, true, false>},
    Row {"<=", compared<isLessOrEqual, false, false>},
    Row {"le", compared<isLessOrEqual, false, false>},
};

} // namespace

Test findTest(std::string_view name)
{
    return findIn(kTests, name);
}

} // namespace tw::jinja
