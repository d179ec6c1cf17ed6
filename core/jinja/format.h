// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/value.h"

namespace tw::jinja {

/// Python's "..." % values: a tuple gives the values in turn, a mapping by name, anything else is
/// the one value.
std::string formatPercent(Runtime& runtime, const std::string& pattern, const Value& values);
/// Python's "{} {name}".format(...).
std::string formatBraces(Runtime& runtime, const std::string& pattern, const Arguments& arguments);
/// Python's format(value, specification).
std::string formatValue(Runtime& runtime, const Value& value, const std::string& specification);
/// strftime with the C locale's names; `time` as "2025-02-09T07:05:03".
std::string formatTime(const std::string& time, const std::string& pattern);

} // namespace tw::jinja
