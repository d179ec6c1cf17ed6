// SPDX-License-Identifier: Apache-2.0
// GGUF: "GGUF", version, number of tensors, number of keys, keys with values, list of tensors,
// padding, bytes.
#include "core/tensorfile/gguf.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tensorfile/checked_math.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <unordered_set>

namespace tw {
namespace {

static_assert(std::endian::native == std::endian::little,
              "GGUF is read in place, so the machine has to be little-endian");

constexpr std::uint64_t kMaxKeys = 100'000; // bounds our memory; real files have some dozens
constexpr std::uint64_t kMaxTensors = 200'000; // the largest models known have some thousands
constexpr std::uint64_t kMaxName = 65'535; // of a key, as the specification says
constexpr std::uint64_t kMaxDimensions = 4; // GGML_MAX_DIMS
constexpr int kMaxArrayDepth = 4; // arrays of arrays exist in the specification, not in files
constexpr std::uint64_t kMaxAlignment = 1U << 20U;

constexpr const char* kDamaged = "The file is damaged or not complete: download or copy it again.";

/// Bytes of one element, 0 for texts and lists.
std::uint64_t sizeOf(GgufType type)
{
    static constexpr std::array<std::uint64_t, 13> kSizes {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    return kSizes[static_cast<std::size_t>(type)];
}

/// Reads on through the bytes; every step says where it failed.
class Cursor
{
public:
    Cursor(std::span<const std::byte> file, const std::string& where)
        : m_file(file)
        , m_where(where)
    {
    }

    std::size_t at() const { return m_at; }
    std::size_t left() const { return m_file.size() - m_at; }
    void setPlace(std::string place) { m_place = std::move(place); }

    [[noreturn]] void fail(const std::string& what, const char* hint = kDamaged) const
    {
        throw Error(
            m_where + ": " + m_place + " (byte " + std::to_string(m_at) + "): " + what + ".", hint);
    }

    std::span<const std::byte> take(std::uint64_t count)
    {
        if (count > left())
            fail("needs " + std::to_string(count) + " more bytes, the file has only "
                 + std::to_string(left()));
        const auto bytes = m_file.subspan(m_at, count);
        m_at += count;
        return bytes;
    }
    template <typename T>
    T number()
    {
        T value {};
        std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
        return value;
    }
    std::string_view text()
    {
        const auto length = number<std::uint64_t>();
        const auto bytes = take(length);
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    GgufType type()
    {
        const auto type = number<std::uint32_t>();
        if (type > static_cast<std::uint32_t>(GgufType::Float64))
            fail("has the unknown value type " + std::to_string(type));
        return static_cast<GgufType>(type);
    }

private:
    std::span<const std::byte> m_file;
    const std::string& m_where;
    std::string m_place = "the first bytes";
    std::size_t m_at = 0;
};

void skipElements(Cursor& cursor, GgufType type, std::uint64_t count, int depth);

GgufArray readArray(Cursor& cursor, int depth, std::span<const std::byte> file)
{
    GgufArray array;
    array.type = cursor.type();
    array.count = cursor.number<std::uint64_t>();
    const std::size_t begin = cursor.at();
    skipElements(cursor, array.type, array.count, depth);
    array.bytes = file.subspan(begin, cursor.at() - begin);
    return array;
}

void skipElements(Cursor& cursor, GgufType type, std::uint64_t count, int depth)
{
    if (const std::uint64_t size = sizeOf(type); size != 0) {
        const auto bytes = checkedProduct(count, size);
        if (!bytes)
            cursor.fail("has a list of " + std::to_string(count) + " elements");
        cursor.take(*bytes);
        return;
    }
    if (depth >= kMaxArrayDepth)
        cursor.fail("has lists nested more than " + std::to_string(kMaxArrayDepth) + " deep");
    if (count > cursor.left() / 8) // the length of each text or list takes 8 bytes
        cursor.fail("has a list of " + std::to_string(count)
                    + " elements, more than the file can hold");
    for (std::uint64_t i = 0; i < count; ++i) {
        if (type == GgufType::String) {
            cursor.text();
        } else {
            const GgufType inner = cursor.type();
            skipElements(cursor, inner, cursor.number<std::uint64_t>(), depth + 1);
        }
    }
}

GgufValue readValue(Cursor& cursor, GgufType type, std::span<const std::byte> file)
{
    switch (type) {
    case GgufType::UInt8:
        return std::uint64_t {cursor.number<std::uint8_t>()};
    case GgufType::Int8:
        return std::int64_t {cursor.number<std::int8_t>()};
    case GgufType::UInt16:
        return std::uint64_t {cursor.number<std::uint16_t>()};
    case GgufType::Int16:
        return std::int64_t {cursor.number<std::int16_t>()};
    case GgufType::UInt32:
        return std::uint64_t {cursor.number<std::uint32_t>()};
    case GgufType::Int32:
        return std::int64_t {cursor.number<std::int32_t>()};
    case GgufType::UInt64:
        return cursor.number<std::uint64_t>();
    case GgufType::Int64:
        return cursor.number<std::int64_t>();
    case GgufType::Float32:
        return double {cursor.number<float>()};
    case GgufType::Float64:
        return cursor.number<double>();
    case GgufType::Bool:
        return cursor.number<std::uint8_t>() != 0;
    case GgufType::String:
        return cursor.text();
    case GgufType::Array:
        return readArray(cursor, 0, file);
    }
    cursor.fail("has a value of unknown type");
}

struct Counts
{
    std::uint64_t tensors = 0;
    std::uint64_t keys = 0;
};

Counts readCounts(Cursor& cursor)
{
    const auto magic = cursor.take(4);
    if (!looksLikeGguf(magic))
        cursor.fail("no GGUF file", "Check whether this is the right file.");
    const auto version = cursor.number<std::uint32_t>();
    if (version == 0x02000000 || version == 0x03000000)
        cursor.fail("the file is big-endian",
                    "Convert it with gguf_convert_endian.py of llama.cpp.");
    if (version != 2 && version != 3)
        cursor.fail("GGUF version " + std::to_string(version) + " cannot be read, only 2 and 3",
                    "Convert the model again with a current llama.cpp.");
    Counts counts;
    counts.tensors = cursor.number<std::uint64_t>();
    counts.keys = cursor.number<std::uint64_t>();
    if (counts.tensors > kMaxTensors)
        cursor.fail("says it holds " + std::to_string(counts.tensors)
                    + " tensors; at most 200,000 are read");
    if (counts.keys > kMaxKeys)
        cursor.fail("says it holds " + std::to_string(counts.keys)
                    + " keys; at most 100,000 are read");
    return counts;
}

/// Shape (outermost first) and size; the offset is still relative to the data.
TensorInfo readTensorInfo(Cursor& cursor)
{
    TensorInfo tensor;
    const std::string_view name = cursor.text();
    tensor.name = repairedUtf8(name.substr(0, kMaxName));
    cursor.setPlace("tensor \"" + tensor.name.substr(0, 200) + "\"");
    const auto dimensions = cursor.number<std::uint32_t>();
    if (dimensions > kMaxDimensions)
        cursor.fail("has " + std::to_string(dimensions) + " dimensions; at most 4 are allowed");
    for (std::uint32_t i = 0; i < dimensions; ++i) {
        const auto length = cursor.number<std::uint64_t>();
        if (length > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            cursor.fail("has a dimension of " + std::to_string(length));
        tensor.shape.insert(tensor.shape.begin(), static_cast<std::int64_t>(length));
    }
    const auto type = cursor.number<std::uint32_t>();
    const GgmlLayout* const layout = ggmlLayout(type);
    if (layout == nullptr)
        cursor.fail("has the unknown type " + std::to_string(type),
                    "Convert the model to Q8_0, F16 or BF16.");
    tensor.dtype = layout->name;
    const auto elements = checkedElements(tensor.shape);
    if (!elements)
        cursor.fail("has a shape that is too large for any memory");
    const std::int64_t row = tensor.shape.empty() ? 1 : tensor.shape.back();
    if (static_cast<std::uint64_t>(row) % layout->elements != 0)
        cursor.fail("has rows of " + std::to_string(row) + " values, which blocks of "
                    + std::to_string(layout->elements) + " (" + layout->name + ") do not fill");
    const auto bytes = checkedProduct(*elements / layout->elements, layout->bytes);
    if (!bytes)
        cursor.fail("has a shape that is too large for any memory");
    tensor.bytes = *bytes;
    tensor.offset = cursor.number<std::uint64_t>();
    return tensor;
}

/// Moves offsets from the start of the data to the start of the file; refuses what does not fit or
/// overlaps.
void placeTensors(std::vector<TensorInfo>& tensors,
                  std::uint64_t alignment,
                  std::uint64_t dataBegin,
                  std::uint64_t fileSize,
                  const std::string& where)
{
    const auto fail = [&](const TensorInfo& tensor, const std::string& what) {
        throw Error(where + ": tensor \"" + tensor.name.substr(0, 200) + "\" " + what + ".",
                    kDamaged);
    };
    const std::uint64_t available = fileSize - dataBegin;
    for (TensorInfo& tensor : tensors) {
        if (tensor.offset % alignment != 0)
            fail(tensor,
                 "begins at byte " + std::to_string(tensor.offset)
                     + " of the data, which is no multiple of " + std::to_string(alignment));
        if (tensor.offset > available || tensor.bytes > available - tensor.offset)
            fail(tensor,
                 "needs " + std::to_string(tensor.bytes) + " bytes from byte "
                     + std::to_string(tensor.offset) + " of the data on, which has only "
                     + std::to_string(available));
        tensor.offset += dataBegin;
    }
    std::vector<const TensorInfo*> sorted;
    for (const TensorInfo& tensor : tensors)
        if (tensor.bytes > 0)
            sorted.push_back(&tensor);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* a, const auto* b) { return a->offset < b->offset; });
    for (std::size_t i = 1; i < sorted.size(); ++i)
        if (sorted[i]->offset < sorted[i - 1]->offset + sorted[i - 1]->bytes)
            fail(*sorted[i], "overlaps \"" + sorted[i - 1]->name.substr(0, 200) + "\"");
}

} // namespace

GgufHeader::GgufHeader(std::span<const std::byte> file, std::string where)
    : m_where(std::move(where))
{
    Cursor cursor(file, m_where);
    const Counts counts = readCounts(cursor);
    for (std::uint64_t i = 0; i < counts.keys; ++i) {
        cursor.setPlace("key " + std::to_string(i + 1) + " of " + std::to_string(counts.keys));
        const std::string_view key = cursor.text();
        if (key.empty() || key.size() > kMaxName || !isUtf8(key))
            cursor.fail("the name is empty, too long or no UTF-8");
        cursor.setPlace("key \"" + std::string(key.substr(0, 200)) + "\"");
        const GgufType type = cursor.type();
        if (!m_values.emplace(key, GgufEntry {type, readValue(cursor, type, file)}).second)
            cursor.fail("appears twice");
    }
    std::unordered_set<std::string> names;
    for (std::uint64_t i = 0; i < counts.tensors; ++i) {
        cursor.setPlace("tensor " + std::to_string(i + 1) + " of "
                        + std::to_string(counts.tensors));
        m_tensors.push_back(readTensorInfo(cursor));
        if (!names.insert(m_tensors.back().name).second)
            cursor.fail("appears twice");
    }
    const std::int64_t alignment = integer("general.alignment").value_or(32);
    if (alignment < 1 || static_cast<std::uint64_t>(alignment) > kMaxAlignment
        || !std::has_single_bit(static_cast<std::uint64_t>(alignment)))
        throw Error(m_where + ": general.alignment is " + std::to_string(alignment)
                        + ", which is no power of two up to " + std::to_string(kMaxAlignment) + ".",
                    kDamaged);
    const auto step = static_cast<std::uint64_t>(alignment);
    // A file without data may end before the data would begin.
    const std::uint64_t dataBegin =
        std::min<std::uint64_t>((cursor.at() + step - 1) / step * step, file.size());
    placeTensors(m_tensors, step, dataBegin, file.size(), m_where);
}

} // namespace tw
