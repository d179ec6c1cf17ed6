// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/gguf_writer.h"

#include <cstring>

namespace tw {
namespace {

constexpr const char* kAlignmentKey = "general.alignment";

template <typename T>
std::vector<T> numbersOf(const GgufArray& array)
{
    std::vector<T> values(array.count);
    if (!values.empty())
        std::memcpy(values.data(), array.bytes.data(), values.size() * sizeof(T));
    return values;
}

std::vector<bool> flagsOf(const GgufArray& array)
{
    std::vector<bool> flags;
    for (const std::byte byte : array.bytes)
        flags.push_back(byte != std::byte {0});
    return flags;
}

/// Nothing for lists of lists, which no reader asks for.
std::optional<GgufField>
listOf(const GgufHeader& header, const std::string& key, const GgufArray& array)
{
    switch (array.type) {
    case GgufType::UInt8:
        return GgufList(numbersOf<std::uint8_t>(array));
    case GgufType::Int8:
        return GgufList(numbersOf<std::int8_t>(array));
    case GgufType::UInt16:
        return GgufList(numbersOf<std::uint16_t>(array));
    case GgufType::Int16:
        return GgufList(numbersOf<std::int16_t>(array));
    case GgufType::UInt32:
        return GgufList(numbersOf<std::uint32_t>(array));
    case GgufType::Int32:
        return GgufList(numbersOf<std::int32_t>(array));
    case GgufType::Float32:
        return GgufList(numbersOf<float>(array));
    case GgufType::Bool:
        return GgufList(flagsOf(array));
    case GgufType::String: {
        const auto texts = header.texts(key);
        return GgufList(std::vector<std::string>(texts->begin(), texts->end()));
    }
    case GgufType::UInt64:
        return GgufList(numbersOf<std::uint64_t>(array));
    case GgufType::Int64:
        return GgufList(numbersOf<std::int64_t>(array));
    case GgufType::Float64:
        return GgufList(numbersOf<double>(array));
    case GgufType::Array:
        break;
    }
    return std::nullopt;
}

/// A number of the type that it is stored as, and which it came from: nothing is lost.
template <typename Number>
std::optional<GgufField> numberAs(GgufType type, Number value)
{
    switch (type) {
    case GgufType::UInt8:
        return static_cast<std::uint8_t>(value);
    case GgufType::Int8:
        return static_cast<std::int8_t>(value);
    case GgufType::UInt16:
        return static_cast<std::uint16_t>(value);
    case GgufType::Int16:
        return static_cast<std::int16_t>(value);
    case GgufType::UInt32:
        return static_cast<std::uint32_t>(value);
    case GgufType::Int32:
        return static_cast<std::int32_t>(value);
    case GgufType::Float32:
        return static_cast<float>(value);
    case GgufType::UInt64:
        return static_cast<std::uint64_t>(value);
    case GgufType::Int64:
        return static_cast<std::int64_t>(value);
    case GgufType::Float64:
        return static_cast<double>(value);
    case GgufType::Bool:
    case GgufType::String:
    case GgufType::Array:
        break;
    }
    return std::nullopt;
}

struct Written
{
    const GgufHeader& header;
    const std::string& key;
    GgufType type;

    std::optional<GgufField> operator()(bool value) const { return value; }
    std::optional<GgufField> operator()(std::int64_t value) const { return numberAs(type, value); }
    std::optional<GgufField> operator()(std::uint64_t value) const { return numberAs(type, value); }
    std::optional<GgufField> operator()(double value) const { return numberAs(type, value); }
    std::optional<GgufField> operator()(std::string_view value) const { return std::string(value); }
    std::optional<GgufField> operator()(const GgufArray& value) const
    {
        return listOf(header, key, value);
    }
};

/// The reader takes any whole number here, the format only a UINT32.
void mendAlignment(const GgufHeader& header, GgufFields& fields)
{
    for (auto& [key, value] : fields)
        if (key == kAlignmentKey)
            value = static_cast<std::uint32_t>(header.integer(key).value());
}

} // namespace

GgufFields ggufFieldsOf(const std::filesystem::path& file)
{
    const GgufFile gguf(file);
    GgufFields fields;
    for (const auto& [key, entry] : gguf.header.values())
        if (auto field = std::visit(Written {gguf.header, key, entry.type}, entry.value))
            fields.emplace_back(key, std::move(*field));
    mendAlignment(gguf.header, fields);
    return fields;
}

} // namespace tw
