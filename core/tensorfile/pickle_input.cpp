// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/pickle_input.h"

#include "core/tensorfile/pickle_text.h"

#include <bit>
#include <charconv>

namespace tw {
namespace {

using Kind = PickleValue::Kind;

PickleValue integerValue(std::int64_t number)
{
    PickleValue value;
    value.kind = Kind::Integer;
    value.integer = number;
    return value;
}

PickleValue boolValue(bool isTrue)
{
    PickleValue value = integerValue(isTrue ? 1 : 0);
    value.kind = Kind::Bool;
    return value;
}

PickleValue realValue(double number)
{
    PickleValue value;
    value.kind = Kind::Real;
    value.real = number;
    return value;
}

} // namespace

void PickleInput::fail(const std::string& what) const
{
    m_build.fail("its pickle " + what + " (byte " + std::to_string(m_at) + ")");
}

std::string_view PickleInput::take(std::uint64_t count)
{
    if (count > m_pickle.size() - m_at)
        fail("needs " + std::to_string(count) + " more bytes and has only "
             + std::to_string(m_pickle.size() - m_at));
    const std::string_view bytes = m_pickle.substr(m_at, count);
    m_at += count;
    return bytes;
}
std::string_view PickleInput::line()
{
    const std::size_t end = m_pickle.find('\n', m_at);
    if (end == std::string_view::npos)
        fail("ends in the middle of a line");
    const std::string_view text = take(end - m_at);
    ++m_at;
    return text;
}

std::optional<PickleValue> PickleInput::plain(char instruction)
{
    switch (instruction) {
    case 'N':
        return PickleValue();
    case '\x88':
    case '\x89':
        return boolValue(instruction == '\x88');
    case 'K':
        return integerValue(number<std::uint8_t>());
    case 'M':
        return integerValue(number<std::uint16_t>());
    case 'J':
        return integerValue(number<std::int32_t>());
    case '\x8A':
        return longInteger(number<std::uint8_t>());
    case '\x8B':
        return longInteger(number<std::uint32_t>());
    case 'I':
    case 'L':
        return integerLine();
    case 'F':
        return realLine();
    case 'G': // the only number that is big-endian
        return realValue(std::bit_cast<double>(__builtin_bswap64(number<std::uint64_t>())));
    default:
        return std::nullopt;
    }
}

PickleValue PickleInput::longInteger(std::uint64_t count)
{
    const std::string_view bytes = take(count);
    if (bytes.size() > sizeof(std::int64_t)) // a magic number, a hash: nothing we compute with
        return m_build.text("a large number");
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        number |= std::uint64_t {static_cast<unsigned char>(bytes[i])} << (8 * i);
    const bool isNegative = !bytes.empty() && static_cast<signed char>(bytes.back()) < 0;
    if (isNegative && bytes.size() < sizeof number)
        number |= ~std::uint64_t {0} << (8 * bytes.size());
    return integerValue(static_cast<std::int64_t>(number));
}
PickleValue PickleInput::integerLine()
{
    std::string_view text = line();
    if (text == "00" || text == "01") // how protocol 0 writes False and True
        return boolValue(text == "01");
    if (text.ends_with('L'))
        text.remove_suffix(1);
    std::int64_t number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end.ec == std::errc::result_out_of_range)
        return m_build.text(text);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size())
        fail("has a whole number that is none");
    return integerValue(number);
}
PickleValue PickleInput::realLine()
{
    const std::string_view text = line();
    double number = 0.0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end.ec == std::errc::invalid_argument || end.ptr != text.data() + text.size())
        fail("has a number that is none");
    return realValue(number);
}

std::optional<PickleValue> PickleInput::text(char instruction)
{
    switch (instruction) {
    case 'X':
    case 'T': // T and U: a str of Python 2
        return m_build.text(take(number<std::uint32_t>()));
    case '\x8C':
    case 'U':
        return m_build.text(take(number<std::uint8_t>()));
    case '\x8D':
        return m_build.text(take(number<std::uint64_t>()));
    case 'V':
        return decoded(fromRawUnicodeEscape(line()));
    case 'S':
        return decoded(unquotedPython(line()));
    case 'C':
        return bytes(number<std::uint8_t>());
    case 'B':
        return bytes(number<std::uint32_t>());
    case '\x8E':
    case '\x96':
        return bytes(number<std::uint64_t>());
    default:
        return std::nullopt;
    }
}

PickleValue PickleInput::bytes(std::uint64_t count)
{
    take(count);
    return PickleValue::of(Kind::Bytes, 0);
}

PickleValue PickleInput::decoded(std::optional<std::string> text)
{
    if (!text)
        fail("has a text that is broken");
    return m_build.decodedText(std::move(*text));
}

std::uint64_t PickleInput::lineNumber()
{
    const PickleValue value = integerLine();
    if (value.kind != Kind::Integer || value.integer < 0)
        fail("has a place in its memo that is none");
    return static_cast<std::uint64_t>(value.integer);
}
} // namespace tw
