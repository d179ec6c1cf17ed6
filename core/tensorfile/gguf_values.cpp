// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/tensorfile/gguf.h"

#include <cstring>
#include <limits>

namespace tw {
namespace {

template <typename T>
T numberAt(std::span<const std::byte> bytes, std::uint64_t index)
{
    T value {};
    std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
    return value;
}

template <typename T, typename Out>
std::vector<Out> decoded(const GgufArray& array)
{
    std::vector<Out> out(array.count);
    for (std::uint64_t i = 0; i < array.count; ++i)
        out[i] = static_cast<Out>(numberAt<T>(array.bytes, i));
    return out;
}

} // namespace

const GgufValue* GgufHeader::find(const std::string& key) const
{
    const auto it = m_values.find(key);
    return it == m_values.end() ? nullptr : &it->second.value;
}

void GgufHeader::failType(const std::string& key, const char* wanted) const
{
    throw Error(m_where + ": key \"" + key + "\" does not hold " + wanted + ".",
                "Convert the model again with a current llama.cpp.");
}

std::optional<std::string_view> GgufHeader::text(const std::string& key) const
{
    const GgufValue* const value = find(key);
    if (value == nullptr)
        return std::nullopt;
    if (!std::holds_alternative<std::string_view>(*value))
        failType(key, "a text");
    return std::get<std::string_view>(*value);
}

std::optional<std::int64_t> GgufHeader::integer(const std::string& key) const
{
    const GgufValue* const value = find(key);
    if (value == nullptr)
        return std::nullopt;
    if (const auto* const number = std::get_if<std::int64_t>(value))
        return *number;
    const auto* const number = std::get_if<std::uint64_t>(value);
    if (number == nullptr
        || *number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        failType(key, "a whole number");
    return static_cast<std::int64_t>(*number);
}

std::optional<double> GgufHeader::real(const std::string& key) const
{
    const GgufValue* const value = find(key);
    if (value == nullptr)
        return std::nullopt;
    if (const auto* const number = std::get_if<double>(value))
        return *number;
    return static_cast<double>(*integer(key));
}

std::optional<bool> GgufHeader::flag(const std::string& key) const
{
    const GgufValue* const value = find(key);
    if (value == nullptr)
        return std::nullopt;
    if (!std::holds_alternative<bool>(*value))
        failType(key, "true or false");
    return std::get<bool>(*value);
}

const GgufArray* GgufHeader::findArray(const std::string& key, const char* wanted) const
{
    const GgufValue* const value = find(key);
    if (value == nullptr)
        return nullptr;
    const auto* const array = std::get_if<GgufArray>(value);
    if (array == nullptr)
        failType(key, wanted);
    return array;
}

std::optional<std::vector<std::string_view>> GgufHeader::texts(const std::string& key) const
{
    constexpr const char* kWanted = "a list of texts";
    const GgufArray* const array = findArray(key, kWanted);
    if (array == nullptr)
        return std::nullopt;
    if (array->type != GgufType::String)
        failType(key, kWanted);
    std::vector<std::string_view> out(array->count);
    std::size_t at = 0; // the lengths were checked when the header was read
    for (std::string_view& text : out) {
        const auto length =
            static_cast<std::size_t>(numberAt<std::uint64_t>(array->bytes.subspan(at), 0));
        text = {reinterpret_cast<const char*>(array->bytes.data()) + at + 8, length};
        at += 8 + length;
    }
    return out;
}

std::optional<std::vector<std::int64_t>> GgufHeader::integers(const std::string& key) const
{
    constexpr const char* kWanted = "a list of whole numbers";
    const GgufArray* const array = findArray(key, kWanted);
    if (array == nullptr)
        return std::nullopt;
    switch (array->type) {
    case GgufType::UInt8:
        return decoded<std::uint8_t, std::int64_t>(*array);
    case GgufType::Int8:
        return decoded<std::int8_t, std::int64_t>(*array);
    case GgufType::UInt16:
        return decoded<std::uint16_t, std::int64_t>(*array);
    case GgufType::Int16:
        return decoded<std::int16_t, std::int64_t>(*array);
    case GgufType::UInt32:
        return decoded<std::uint32_t, std::int64_t>(*array);
    case GgufType::Int32:
        return decoded<std::int32_t, std::int64_t>(*array);
    case GgufType::Int64:
        return decoded<std::int64_t, std::int64_t>(*array);
    default:
        failType(key, kWanted);
    }
}

std::optional<std::vector<float>> GgufHeader::reals(const std::string& key) const
{
    constexpr const char* kWanted = "a list of numbers";
    const GgufArray* const array = findArray(key, kWanted);
    if (array == nullptr)
        return std::nullopt;
    switch (array->type) {
    case GgufType::Float32:
        return decoded<float, float>(*array);
    case GgufType::Float64:
        return decoded<double, float>(*array);
    default:
        failType(key, kWanted);
    }
}

} // namespace tw
