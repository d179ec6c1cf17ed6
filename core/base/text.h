// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tw {

/// The whole file. Throws Error where it cannot be read or is larger than maxBytes.
std::string readFile(const std::filesystem::path& path, std::size_t maxBytes);

/// "1.5 GB", "269 MB", "12 KB", "7 bytes": decimal units, as disks and Hugging Face count.
std::string bytesInWords(std::uint64_t bytes);
/// "2,100"
std::string groupedDigits(std::int64_t number);
/// "134.5 million", "1.2 billion", "4,884"
std::string countInWords(std::int64_t count);
/// "0.31": always so many digits behind the point.
std::string fixedDecimals(double value, int decimals);
/// "2:10", "1:02:03"
std::string clockText(double seconds);

/// "2026-03-01T14:05:09+0100": now, ISO 8601 in local time.
std::string isoNow();

/// The parts between separators: one more than there are separators, empty ones included.
std::vector<std::string> split(std::string_view text, char separator);
/// The parts with the separator between each two.
std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// Without ASCII blanks and line breaks at either end.
std::string trimmed(std::string_view text);

/// True where text is well-formed UTF-8 (no surrogates, no overlong forms).
bool isUtf8(std::string_view text);
/// Ill-formed bytes become U+FFFD, as Python's errors="replace" does it.
std::string repairedUtf8(std::string_view text);
/// Code points of well-formed UTF-8; ill-formed bytes come out as U+FFFD.
std::u32string toCodePoints(std::string_view utf8);
/// Both take code points as they are: a surrogate, or one beyond U+10FFFF, makes ill-formed UTF-8.
std::string toUtf8(std::u32string_view codePoints);
void appendUtf8(std::string& out, char32_t codePoint);

} // namespace tw
