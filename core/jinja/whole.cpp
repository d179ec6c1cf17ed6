// SPDX-License-Identifier: Apache-2.0
// Whole numbers beyond 64 bits, as Python has them; the arithmetic is GMP's.
#include "core/jinja/whole.h"

#include <cmath>
#include <limits>

namespace tw::jinja {
namespace {

constexpr std::size_t kMaxBits = 100'000;
constexpr std::size_t kMaxDigits = 4300; // sys.get_int_max_str_digits()
constexpr double kExact = 9007199254740992.0; // 2**53: floats hold every whole number up to it

} // namespace

mpz_class wholeOf(const Value& value)
{
    const LargeWhole* large = value.large();
    return large != nullptr ? large->number : mpz_class(static_cast<long>(value.whole()));
}

Value wholeValue(const mpz_class& number)
{
    if (number.fits_slong_p())
        return static_cast<std::int64_t>(number.get_si());
    if (mpz_sizeinbase(number.get_mpz_t(), 2) > kMaxBits)
        throw Failure("a whole number grows beyond 100,000 bits");
    return Value::large(LargeWhole {number});
}

std::string wholeText(const Value& value)
{
    const LargeWhole* large = value.large();
    if (large == nullptr)
        return std::to_string(value.whole());
    std::string text = large->number.get_str();
    if (text.size() > kMaxDigits + (text.starts_with('-') ? 1 : 0))
        throw Failure("a whole number of more than 4300 digits cannot be printed");
    return text;
}

double nearestReal(const mpz_class& number)
{
    const mpz_class size = abs(number);
    const std::size_t bits = mpz_sizeinbase(size.get_mpz_t(), 2);
    const std::size_t surplus = bits > 64 ? bits - 64 : 0;
    mpz_class head = size >> surplus;
    // One bit far below the last digit says whether anything was cut off: then ties are none.
    if (surplus > 0 && mpz_scan1(size.get_mpz_t(), 0) < surplus)
        head |= 1;
    const double value = std::ldexp(static_cast<double>(head.get_ui()), static_cast<int>(surplus));
    if (std::isinf(value))
        throw Failure("the whole number is too large for a float");
    return number < 0 ? -value : value;
}

double quotientOf(const mpz_class& a, const mpz_class& b)
{
    if (abs(a) <= kExact && abs(b) <= kExact)
        return a.get_d() / b.get_d();
    constexpr std::size_t kEnough = 128; // bits of the quotient, of which a float keeps 53
    const auto bitsOf = [](const mpz_class& n) { return mpz_sizeinbase(n.get_mpz_t(), 2); };
    const std::size_t shift = bitsOf(b) + kEnough > bitsOf(a) ? bitsOf(b) + kEnough - bitsOf(a) : 0;
    const mpz_class dividend = abs(a) << shift;
    const mpz_class divisor = abs(b);
    mpz_class quotient = dividend / divisor;
    if (quotient * divisor != dividend)
        quotient |= 1;
    const std::size_t surplus = bitsOf(quotient) > 256 ? bitsOf(quotient) - 256 : 0;
    mpz_class head = quotient >> surplus;
    if (surplus > 0 && mpz_scan1(quotient.get_mpz_t(), 0) < surplus)
        head |= 1; // as in nearestReal
    const double size =
        std::ldexp(nearestReal(head), static_cast<int>(surplus) - static_cast<int>(shift));
    if (std::isinf(size))
        throw Failure("the quotient is too large for a float");
    return (a < 0) != (b < 0) ? -size : size;
}

std::partial_ordering compareNumbers(const Value& a, const Value& b)
{
    if (a.isFloat() && b.isFloat())
        return a.real() <=> b.real();
    if (b.isFloat()) {
        const std::partial_ordering turned = compareNumbers(b, a);
        return turned == std::partial_ordering::unordered ? turned : 0 <=> turned;
    }
    if (!a.isFloat()) {
        if (a.large() == nullptr && b.large() == nullptr)
            return a.whole() <=> b.whole();
        return cmp(wholeOf(a), wholeOf(b)) <=> 0;
    }
    if (std::isnan(a.real()))
        return std::partial_ordering::unordered;
    return 0 <=> mpz_cmp_d(wholeOf(b).get_mpz_t(), a.real());
}

} // namespace tw::jinja
