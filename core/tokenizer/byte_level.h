// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tw {

/// The printable code point that byte-level vocabularies write for a byte (GPT-2's table: 'a' is
/// itself, ' ' is 'Ġ').
char32_t byteLevelPoint(std::uint8_t byte);
/// Bytes as such a vocabulary spells them: " the" becomes "Ġthe".
std::string byteLevelText(std::string_view bytes);
/// The way back. A text with any other code point in it (an added token, say) stands for itself, as
/// in the reference.
std::string byteLevelBytes(std::string_view text);

} // namespace tw
