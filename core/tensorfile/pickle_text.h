// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tw {

// Texts of the pickle protocols that are written as lines (0 and 1). Each gives nothing where the
// line is not well formed.

/// A Python literal in quotes ('it\'s', "a\n"), as the opcode STRING has it.
std::optional<std::string> unquotedPython(std::string_view literal);
/// raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX, as the opcode UNICODE has it. UTF-8.
std::optional<std::string> fromRawUnicodeEscape(std::string_view line);

} // namespace tw
