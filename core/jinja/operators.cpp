// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/operators.h"

#include "core/base/text.h"
#include "core/jinja/format.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"
#include "core/jinja/unicode.h"
#include "core/jinja/whole.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

namespace tw::jinja {
namespace {

void refuseUndefined(const Value& a, const Value& b)
{
    if (a.isUndefined() || b.isUndefined())
        throw Failure(a.isUndefined() ? a.why() : b.why());
}

[[noreturn]] void refuse(const char* sign, const Value& a, const Value& b)
{
    throw Failure(std::string("'") + sign + "' does not work on '" + a.typeName() + "' and '"
                  + b.typeName() + "'");
}

bool areWhole(const Value& a, const Value& b)
{
    return a.isWhole() && b.isWhole();
}

bool areSmall(const Value& a, const Value& b)
{
    return a.large() == nullptr && b.large() == nullptr;
}

void requireNumbers(const char* sign, const Value& a, const Value& b)
{
    refuseUndefined(a, b);
    if (!a.isNumber() || !b.isNumber())
        refuse(sign, a, b);
}

void refuseZero(const Value& b)
{
    if (b.isFloat() ? b.real() == 0.0 : b.whole() == 0)
        throw Failure("division by zero");
}

Value repeated(Runtime& runtime, const Value& value, std::int64_t times)
{
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(0, times));
    if (const std::string* text = value.text()) {
        if (!text->empty() && count > kMaxText / text->size())
            runtime.checkText(kMaxText + 1);
        runtime.checkText(text->size() * count);
        std::string out;
        for (std::size_t i = 0; i < count && !text->empty(); ++i)
            out += *text;
        return value.isMarkup() ? Value::markup(out) : Value(out);
    }
    const auto& items = value.list()->items;
    if (!items.empty() && count > kMaxItems / items.size())
        throw Failure("a list grows beyond 400,000 items");
    runtime.step(items.size() * count);
    std::vector<Value> out;
    for (std::size_t i = 0; i < count && !items.empty(); ++i)
        out.insert(out.end(), items.begin(), items.end());
    return Value::list(std::move(out), value.list()->kind);
}

bool isRepeatable(const Value& value)
{
    return value.isText() || (value.list() != nullptr && value.list()->kind <= ListKind::Tuple);
}

Value wholePower(const Value& base, const Value& exponent)
{
    const mpz_class number = wholeOf(base);
    if (exponent.whole() == 0 || number == 1)
        return 1;
    if (number == 0)
        return 0;
    if (number == -1)
        return wholeOf(exponent) % 2 == 0 ? 1 : -1;
    constexpr std::int64_t kMaxExponent = 100'000; // 2 to this is the largest that wholeValue takes
    const auto bits = static_cast<std::int64_t>(mpz_sizeinbase(number.get_mpz_t(), 2));
    if (exponent.whole() > kMaxExponent || (bits - 1) * exponent.whole() > kMaxExponent)
        throw Failure("the result of ** is too large");
    mpz_class result;
    mpz_pow_ui(result.get_mpz_t(), number.get_mpz_t(),
               static_cast<unsigned long>(exponent.whole()));
    return wholeValue(result);
}

/// The nearest multiple of 10 to the power `zeros`, ties to the even one.
Value roundedWhole(const mpz_class& number, std::int64_t zeros)
{
    constexpr std::int64_t kMaxZeros = 31'000; // no number here has more digits
    if (zeros > kMaxZeros)
        return 0;
    mpz_class unit;
    mpz_ui_pow_ui(unit.get_mpz_t(), 10, static_cast<unsigned long>(zeros));
    mpz_class quotient;
    mpz_class rest;
    mpz_fdiv_qr(quotient.get_mpz_t(), rest.get_mpz_t(), number.get_mpz_t(), unit.get_mpz_t());
    const int half = cmp(rest * 2, unit);
    if (half > 0 || (half == 0 && mpz_odd_p(quotient.get_mpz_t()) != 0))
        ++quotient;
    return wholeValue(quotient * unit);
}

Value joinTexts(Runtime& runtime, const Value& a, const Value& b)
{
    runtime.checkText(a.text()->size() + b.text()->size());
    if (!a.isMarkup() && !b.isMarkup())
        return *a.text() + *b.text();
    const auto safe = [](const Value& value) {
        return value.isMarkup() ? *value.text() : escapeHtml(*value.text());
    };
    return Value::markup(safe(a) + safe(b));
}

} // namespace

Value add(Runtime& runtime, const Value& a, const Value& b)
{
    refuseUndefined(a, b);
    if (areWhole(a, b)) {
        std::int64_t sum = 0;
        if (areSmall(a, b) && !__builtin_add_overflow(a.whole(), b.whole(), &sum))
            return sum;
        return wholeValue(wholeOf(a) + wholeOf(b));
    }
    if (a.isNumber() && b.isNumber())
        return a.real() + b.real();
    if (a.isText() && b.isText())
        return joinTexts(runtime, a, b);
    const List* left = a.list();
    const List* right = b.list();
    if (left == nullptr || right == nullptr || left->kind != right->kind
        || left->kind > ListKind::Tuple)
        refuse("+", a, b);
    runtime.step(left->items.size() + right->items.size());
    std::vector<Value> items = left->items;
    items.insert(items.end(), right->items.begin(), right->items.end());
    return Value::list(std::move(items), left->kind);
}

Value subtract(Runtime&, const Value& a, const Value& b)
{
    requireNumbers("-", a, b);
    if (!areWhole(a, b))
        return a.real() - b.real();
    std::int64_t difference = 0;
    if (areSmall(a, b) && !__builtin_sub_overflow(a.whole(), b.whole(), &difference))
        return difference;
    return wholeValue(wholeOf(a) - wholeOf(b));
}

Value multiply(Runtime& runtime, const Value& a, const Value& b)
{
    refuseUndefined(a, b);
    if (isRepeatable(a) && b.isWhole())
        return repeated(runtime, a, b.whole());
    if (isRepeatable(b) && a.isWhole())
        return repeated(runtime, b, a.whole());
    requireNumbers("*", a, b);
    if (!areWhole(a, b))
        return a.real() * b.real();
    std::int64_t product = 0;
    if (areSmall(a, b) && !__builtin_mul_overflow(a.whole(), b.whole(), &product))
        return product;
    return wholeValue(wholeOf(a) * wholeOf(b));
}

Value divide(Runtime&, const Value& a, const Value& b)
{
    requireNumbers("/", a, b);
    refuseZero(b);
    return areWhole(a, b) ? quotientOf(wholeOf(a), wholeOf(b)) : a.real() / b.real();
}

Value divideDown(Runtime&, const Value& a, const Value& b)
{
    requireNumbers("//", a, b);
    refuseZero(b);
    if (!areWhole(a, b)) {
        const double rest = std::fmod(a.real(), b.real());
        const double quotient = (a.real() - rest) / b.real();
        const double down = rest != 0.0 && (b.real() < 0) != (rest < 0) ? quotient - 1.0 : quotient;
        return down == 0.0 ? std::copysign(0.0, a.real() / b.real()) : std::floor(down + 0.5);
    }
    mpz_class quotient;
    mpz_fdiv_q(quotient.get_mpz_t(), wholeOf(a).get_mpz_t(), wholeOf(b).get_mpz_t());
    return wholeValue(quotient);
}

Value remainder(Runtime& runtime, const Value& a, const Value& b)
{
    if (a.isText()) {
        const std::string text = formatPercent(runtime, *a.text(), b);
        return a.isMarkup() ? Value::markup(text) : Value(text);
    }
    requireNumbers("%", a, b);
    refuseZero(b);
    if (!areWhole(a, b)) {
        const double rest = std::fmod(a.real(), b.real());
        if (rest == 0.0)
            return std::copysign(0.0, b.real());
        return (rest < 0) != (b.real() < 0) ? rest + b.real() : rest;
    }
    mpz_class rest;
    mpz_fdiv_r(rest.get_mpz_t(), wholeOf(a).get_mpz_t(), wholeOf(b).get_mpz_t());
    return wholeValue(rest);
}

Value power(Runtime&, const Value& a, const Value& b)
{
    requireNumbers("**", a, b);
    if (areWhole(a, b) && b.whole() >= 0)
        return wholePower(a, b);
    if (a.real() == 0.0 && b.real() < 0)
        throw Failure("0 cannot be raised to a negative power");
    const double result = std::pow(a.real(), b.real());
    if (std::isnan(result) && !std::isnan(a.real()) && !std::isnan(b.real()))
        throw Failure("a negative number raised to a fraction is no real number");
    if (std::isinf(result) && std::isfinite(a.real()) && std::isfinite(b.real()))
        throw Failure("the result of ** is too large");
    return result;
}

Value negate(const Value& value)
{
    if (value.isUndefined())
        throw Failure(value.why());
    if (value.isFloat())
        return -value.real();
    if (!value.isWhole())
        throw Failure("'-' does not work on '" + value.typeName() + "'");
    return wholeValue(-wholeOf(value));
}

Value plus(const Value& value)
{
    if (value.isUndefined())
        throw Failure(value.why());
    if (!value.isNumber())
        throw Failure("'+' does not work on '" + value.typeName() + "'");
    return value.isBool() ? Value(value.whole()) : value;
}

Value rounded(const Value& number, std::int64_t digits)
{
    if (number.isUndefined())
        throw Failure(number.why());
    if (!number.isNumber())
        throw Failure("'" + number.typeName() + "' cannot be rounded");
    if (number.isWhole())
        return digits >= 0 ? plus(number) : roundedWhole(wholeOf(number), -digits);
    const double value = number.real();
    if (!std::isfinite(value) || digits > 330)
        return value;
    if (digits < -310)
        return std::copysign(0.0, value);
    if (digits < 0) {
        const double unit = std::pow(10.0, static_cast<double>(-digits));
        return std::nearbyint(value / unit) * unit;
    }
    // to_chars rounds the exact decimal value half to even, which is what Python's round does.
    std::array<char, 720> text {};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                   std::chars_format::fixed, static_cast<int>(digits))
                         .ptr;
    double result = value;
    std::from_chars(text.data(), end, result);
    return result;
}

std::optional<Value> wholeFromText(const std::string& text, int base)
{
    std::string digits;
    std::string_view rest = stripped(text);
    const bool isNegative = rest.starts_with('-');
    if (isNegative || rest.starts_with('+'))
        rest.remove_prefix(1);
    const auto hasPrefix = [&](char letter, int itsBase) {
        return (base == itsBase || base == 0) && rest.size() > 2 && rest[0] == '0'
            && std::tolower(static_cast<unsigned char>(rest[1])) == letter;
    };
    for (const auto& [letter, itsBase] :
         {std::pair {'x', 16}, std::pair {'o', 8}, std::pair {'b', 2}}) {
        if (hasPrefix(letter, itsBase)) {
            rest.remove_prefix(2);
            base = itsBase;
            if (rest.starts_with('_'))
                rest.remove_prefix(1);
            break;
        }
    }
    if (base == 0)
        base = 10;
    if (base < 2 || base > 36)
        return std::nullopt;
    char before = '_';
    for (const char c : rest) {
        if ((c == '_' && before == '_')
            || (c != '_' && std::isalnum(static_cast<unsigned char>(c)) == 0))
            return std::nullopt;
        if (c != '_')
            digits += c;
        before = c;
    }
    if (digits.empty() || before == '_')
        return std::nullopt;
    constexpr std::size_t kMaxDigits = 4300; // Python's, for bases that are no power of two
    mpz_class value;
    if (digits.size() > kMaxDigits || value.set_str(digits, base) != 0)
        return std::nullopt;
    return wholeValue(isNegative ? mpz_class(-value) : value);
}

std::optional<double> realFromText(const std::string& text)
{
    std::string plain;
    const std::string_view trimmedText = stripped(text);
    for (std::size_t i = 0; i < trimmedText.size(); ++i) {
        const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(trimmedText[i])));
        if (c == '_') {
            const auto isDigitAt = [&](std::size_t at) {
                return at < trimmedText.size()
                    && std::isdigit(static_cast<unsigned char>(trimmedText[at])) != 0;
            };
            if (i == 0 || !isDigitAt(i - 1) || !isDigitAt(i + 1))
                return std::nullopt;
            continue;
        }
        plain += c;
    }
    std::string_view word = plain;
    if (word.starts_with('+') || word.starts_with('-'))
        word.remove_prefix(1);
    const bool isWord = word == "inf" || word == "infinity" || word == "nan";
    if (!isWord
        && (word.empty() || word.find_first_not_of("0123456789.e+-") != std::string_view::npos))
        return std::nullopt;
    double value = 0.0;
    const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (end != word.data() + word.size() || code == std::errc::invalid_argument)
        return std::nullopt;
    if (code == std::errc::result_out_of_range) // from_chars leaves the value alone there
        value = word.find("e-") != std::string_view::npos ? 0.0
                                                          : std::numeric_limits<double>::infinity();
    return plain.starts_with('-') ? -value : value;
}

std::optional<Value> wholeFromReal(double number)
{
    if (!std::isfinite(number))
        return std::nullopt;
    return wholeValue(mpz_class(number));
}

} // namespace tw::jinja
