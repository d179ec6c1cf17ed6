// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/value.h"

namespace tw::jinja {

// Python's arithmetic: `/` gives floats, `//` and `%` round down, `+` joins texts and lists. All
// throw Failure where Python throws. Whole numbers beyond 64 bits are refused.
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
std::optional<std::int64_t> wholeFromText(const std::string& text, int base);
/// What float() makes of a text, or nothing.
std::optional<double> realFromText(const std::string& text);
/// int() of a float; nothing where it is no number or too large.
std::optional<std::int64_t> wholeFromReal(double number);

} // namespace tw::jinja
