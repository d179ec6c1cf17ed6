// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/value.h"

#include <compare>
#include <gmpxx.h>

namespace tw::jinja {

/// What a Value holds of a whole number that 64 bits do not.
struct LargeWhole
{
    mpz_class number;
};

/// The number of a Bool or an Int, however large.
mpz_class wholeOf(const Value& value);
/// Back into a value. Throws Failure beyond 100,000 bits: our choice, seven times what Python
/// prints.
Value wholeValue(const mpz_class& number);
/// Decimal digits. Throws Failure beyond 4300 of them, as Python does.
std::string wholeText(const Value& value);
/// The nearest float, ties to even; throws Failure where Python's float() overflows.
double nearestReal(const mpz_class& number);
/// a / b of whole numbers, rounded once; b is not 0.
double quotientOf(const mpz_class& a, const mpz_class& b);
/// Numbers by their exact values: 2**53 + 1 is more than 2.0**53.
std::partial_ordering compareNumbers(const Value& a, const Value& b);

} // namespace tw::jinja
