// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"

#include "core/base/error.h"

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>

namespace tw {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// Decodes one code point at text[at]; moves `at` past it. Ill-formed input gives kReplacement and
/// skips the maximal ill-formed prefix (Unicode 15, section 3.9, table 3-7), which is what Python
/// does as well.
char32_t decodeOne(std::string_view text, std::size_t& at, bool& isGood)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at++);
    isGood = true;
    if (first < 0x80)
        return first;
    int length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    char32_t point = 0;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 1;
        point = first & 0x1FU;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 2;
        point = first & 0x0FU;
        low = first == 0xE0 ? 0xA0 : 0x80;
        high = first == 0xED ? 0x9F : 0xBF;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 3;
        point = first & 0x07U;
        low = first == 0xF0 ? 0x90 : 0x80;
        high = first == 0xF4 ? 0x8F : 0xBF;
    } else {
        isGood = false;
        return kReplacement;
    }
    for (int i = 0; i < length; ++i) {
        if (at >= text.size() || byte(at) < low || byte(at) > high) {
            isGood = false;
            return kReplacement;
        }
        point = (point << 6U) | (byte(at++) & 0x3FU);
        low = 0x80;
        high = 0xBF;
    }
    return point;
}

} // namespace

std::string readFile(const std::filesystem::path& path, std::size_t maxBytes)
{
    std::error_code code;
    if (std::filesystem::is_directory(path, code))
        throw Error(path.string() + " is a folder, not a file.", "Name a file in it.");
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in)
        throw Error("Cannot open " + path.string() + ": " + std::strerror(errno) + ".",
                    "Check the path and the permissions.");
    const auto size = static_cast<std::size_t>(in.tellg());
    if (size > maxBytes)
        throw Error(path.string() + " is " + bytesInWords(size) + " long; at most "
                        + bytesInWords(maxBytes) + " are read here.",
                    "Check whether this is the right file.");
    std::string text(size, '\0');
    in.seekg(0);
    if (!in.read(text.data(), static_cast<std::streamsize>(size)))
        throw Error("Cannot read " + path.string() + ".", "Check the disk and the permissions.");
    return text;
}

std::string bytesInWords(std::uint64_t bytes)
{
    if (bytes < 1000)
        return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
    static constexpr std::array<const char*, 5> kUnits {"KB", "MB", "GB", "TB", "PB"};
    double value = static_cast<double>(bytes) / 1000.0;
    std::size_t unit = 0;
    for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit)
        value /= 1000.0;
    std::array<char, 48> out {};
    std::snprintf(out.data(), out.size(),
                  value < 9.995       ? "%.2f %s"
                      : value < 99.95 ? "%.1f %s"
                                      : "%.0f %s",
                  value, kUnits[unit]);
    return out.data();
}

std::string groupedDigits(std::int64_t number)
{
    std::string digits = std::to_string(number);
    const std::size_t first = number < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string countInWords(std::int64_t count)
{
    std::array<char, 48> out {};
    if (count >= 1'000'000'000)
        std::snprintf(out.data(), out.size(), "%.1f billion", static_cast<double>(count) / 1e9);
    else if (count >= 1'000'000)
        std::snprintf(out.data(), out.size(), "%.1f million", static_cast<double>(count) / 1e6);
    else
        return groupedDigits(count);
    return out.data();
}

std::string fixedDecimals(double value, int decimals)
{
    const int length = std::snprintf(nullptr, 0, "%.*f", decimals, value);
    std::string out(static_cast<std::size_t>(std::max(0, length)), ' ');
    std::snprintf(out.data(), out.size() + 1, "%.*f", decimals, value);
    return out;
}

std::string clockText(double seconds)
{
    const auto total = static_cast<long long>(std::llround(std::max(0.0, seconds)));
    std::array<char, 48> out {};
    if (total >= 3600)
        std::snprintf(out.data(), out.size(), "%lld:%02lld:%02lld", total / 3600, total / 60 % 60,
                      total % 60);
    else
        std::snprintf(out.data(), out.size(), "%lld:%02lld", total / 60, total % 60);
    return out.data();
}

std::string isoNow()
{
    const std::time_t now = std::time(nullptr);
    std::tm local {};
    localtime_r(&now, &local);
    std::array<char, 40> out {};
    std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%S%z", &local);
    return out.data();
}

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    std::size_t from = 0;
    for (std::size_t at = text.find(separator); at != std::string_view::npos;
         at = text.find(separator, from)) {
        parts.emplace_back(text.substr(from, at - from));
        from = at + 1;
    }
    parts.emplace_back(text.substr(from));
    return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string all;
    for (std::size_t i = 0; i < parts.size(); ++i)
        (all += i == 0 ? std::string_view {} : separator) += parts[i];
    return all;
}

std::string trimmed(std::string_view text)
{
    constexpr const char* kBlank = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos)
        return {};
    return std::string(text.substr(first, text.find_last_not_of(kBlank) - first + 1));
}

bool isUtf8(std::string_view text)
{
    bool isGood = true;
    for (std::size_t at = 0; at < text.size() && isGood;)
        decodeOne(text, at, isGood);
    return isGood;
}

std::string repairedUtf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    bool isGood = true;
    for (std::size_t at = 0; at < text.size();)
        appendUtf8(out, decodeOne(text, at, isGood));
    return out;
}

std::u32string toCodePoints(std::string_view utf8)
{
    std::u32string points;
    points.reserve(utf8.size());
    bool isGood = true;
    for (std::size_t at = 0; at < utf8.size();)
        points.push_back(decodeOne(utf8, at, isGood));
    return points;
}

void appendUtf8(std::string& out, char32_t codePoint)
{
    const auto put = [&](char32_t bits) { out.push_back(static_cast<char>(bits)); };
    if (codePoint < 0x80) {
        put(codePoint);
    } else if (codePoint < 0x800) {
        put(0xC0U | (codePoint >> 6U));
        put(0x80U | (codePoint & 0x3FU));
    } else if (codePoint < 0x10000) {
        put(0xE0U | (codePoint >> 12U));
        put(0x80U | ((codePoint >> 6U) & 0x3FU));
        put(0x80U | (codePoint & 0x3FU));
    } else {
        put(0xF0U | (codePoint >> 18U));
        put(0x80U | ((codePoint >> 12U) & 0x3FU));
        put(0x80U | ((codePoint >> 6U) & 0x3FU));
        put(0x80U | (codePoint & 0x3FU));
    }
}

std::string toUtf8(std::u32string_view codePoints)
{
    std::string out;
    out.reserve(codePoints.size());
    for (const char32_t point : codePoints)
        appendUtf8(out, point);
    return out;
}

} // namespace tw
