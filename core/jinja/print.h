// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/value.h"

namespace tw::jinja {

/// As Python's str() has it: what {{ }} prints.
std::string toText(Runtime& runtime, const Value& value);
/// As Python's repr() has it.
std::string represent(Runtime& runtime, const Value& value);
/// Shortest digits that read back as the same number, as Python writes floats: 1.0, 1e+20, inf.
std::string floatText(double number);

struct JsonStyle
{
    bool isAscii = false; ///< escape everything beyond ASCII
    bool sortKeys = false;
    std::optional<std::string> indent; ///< absent: all on one line
    std::optional<std::string> itemSeparator;
    std::optional<std::string> keySeparator;
};

/// As Python's json.dumps() has it. Throws Failure for what JSON cannot say.
std::string toJson(Runtime& runtime, const Value& value, const JsonStyle& style);

/// & < > ' " as HTML entities.
std::string escapeHtml(std::string_view text);

} // namespace tw::jinja
