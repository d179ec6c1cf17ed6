// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/gguf_writer.h"

#include <cstring>
#include <limits>

namespace tw {
namespace {

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

GgufField numberOf(std::int64_t value)
{
    if (value >= 0 && value <= std::numeric_limits<std::uint32_t>::max())
        return static_cast<std::uint32_t>(value);
    if (value >= std::numeric_limits<std::int32_t>::min() && value < 0)
        return static_cast<std::int32_t>(value);
    return value;
}

struct Written
{
    const GgufHeader& header;
    const std::string& key;

    std::optional<GgufField> operator()(bool value) const { return value; }
    std::optional<GgufField> operator()(std::int64_t value) const { return numberOf(value); }
    std::optional<GgufField> operator()(std::uint64_t value) const
    {
        if (value <= std::numeric_limits<std::uint32_t>::max())
            return static_cast<std::uint32_t>(value);
        return value;
    }
    std::optional<GgufField> operator()(double value) const
    {
        const auto single = static_cast<float>(value);
        if (static_cast<double>(single) == value)
            return single;
        return value;
    }
    std::optional<GgufField> operator()(std::string_view value) const { return std::string(value); }
    std::optional<GgufField> operator()(const GgufArray& value) const
    {
        return listOf(header, key, value);
    }
};

} // namespace

GgufFields ggufFieldsOf(const std::filesystem::path& file)
{
    const GgufFile gguf(file);
    GgufFields fields;
    for (const auto& [key, value] : gguf.header.values())
        if (auto field = std::visit(Written {gguf.header, key}, value))
            fields.emplace_back(key, std::move(*field));
    return fields;
}

} // namespace tw
