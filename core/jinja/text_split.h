// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/value.h"

namespace tw::jinja {

// Python's str.split() and its kin; a negative limit means none.
Value splitBlanks(const std::string& text, std::int64_t limit);
Value splitBlanksFromEnd(const std::string& text, std::int64_t limit);
Value splitAt(const std::string& text, const std::string& separator, std::int64_t limit);
Value splitAtFromEnd(const std::string& text, const std::string& separator, std::int64_t limit);
std::vector<std::string> linesOf(const std::string& text, bool keepEnds);
std::string replaced(Runtime& runtime,
                     const std::string& text,
                     const std::string& old,
                     const std::string& with,
                     std::int64_t limit);

} // namespace tw::jinja
