// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/value.h"

namespace tw::jinja {

// Python's arithmetic: `/` gives floats, `//` and `%` round down, `+` joins texts and lists. All
// throw Failure where Python throws, and for whole numbers beyond 100,000 bits.
Value add(Runtime& runtime, const Value& a, const Value& b);
Value subtract(Runtime& runtime, const Value& a, const Value& b);
Value multiply(Runtime& runtime, const Value& a, const Value& b);
Value divide(Runtime& runtime, const Value& a, const Value& b);
Value divideDown(Runtime& runtime, const Value& a, const Value& b);
Value remainder(Runtime& runtime, const Value& a, const Value& b); ///< also "%s" % values
Value power(Runtime& runtime, const Value& a, const Value& b);
Value negate(const Value& value);
Value plus(const Value& value);

/// round(number, digits), half to even.
Value rounded(const Value& number, std::int64_t digits);
/// What int() makes of a text, or nothing.
std::optional<Value> wholeFromText(const std::string& text, int base);
/// What float() makes of a text, or nothing.
std::optional<double> realFromText(const std::string& text);
/// int() of a float; nothing where it is not finite.
std::optional<Value> wholeFromReal(double number);

} // namespace tw::jinja
