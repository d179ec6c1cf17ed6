// SPDX-License-Identifier: Apache-2.0
// safetensors: u64 little-endian length of the header, header (JSON), bytes of the tensors.
#include "core/tensorfile/safetensors_header.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tensorfile/checked_math.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <unordered_set>

namespace tw {
namespace {

constexpr std::uint64_t kMaxHeader = 100'000'000; // the reference's limit
constexpr std::size_t kMaxTensors =
    200'000; // bounds our memory; far more than one shard of the largest models has
constexpr std::size_t kMaxMetadata = 100'000;
constexpr std::size_t kMaxDimensions = 64; // LibTorch's own limit

constexpr const char* kDamaged = "The file is damaged or not complete: download or copy it again.";
constexpr const char* kNotWritten = "Write the file again with a current version of safetensors.";

struct DtypeSize
{
    std::string_view dtype;
    std::uint64_t bytes;
};
// In the reference's order, which its writer sorts by.
constexpr std::array<DtypeSize, 17> kDtypes {{{"BOOL", 1},
                                              {"U8", 1},
                                              {"I8", 1},
                                              {"F8_E5M2", 1},
                                              {"F8_E4M3", 1},
                                              {"F8_E8M0", 1},
                                              {"I16", 2},
                                              {"U16", 2},
                                              {"F16", 2},
                                              {"BF16", 2},
                                              {"I32", 4},
                                              {"U32", 4},
                                              {"F32", 4},
                                              {"C64", 8},
                                              {"F64", 8},
                                              {"I64", 8},
                                              {"U64", 8}}};

/// Collects the tensors while the JSON goes by, so that memory stays near the header's own size.
class HeaderEvents final : public nlohmann::json_sax<Json>
{
public:
    HeaderEvents(SafetensorsHeader& header, const std::string& where)
        : m_header(header)
        , m_where(where)
    {
    }

    bool key(string_t& value) override
    {
        if (m_depth == 1) {
            m_name = value;
            if (!m_names.insert(value).second)
                fail("appears twice in the header", kNotWritten);
        } else {
            m_field = value;
            if (isMetadata()) {
                if (m_header.metadata.contains(value))
                    fail("has the key \"" + value + "\" twice", kNotWritten);
            } else if (!m_fields.insert(value).second) {
                fail("has \"" + value + "\" twice", kNotWritten);
            }
        }
        return true;
    }

    bool start_object(std::size_t) override
    {
        if (++m_depth > 2 || m_isInArray)
            fail("has an object where none belongs", kNotWritten);
        if (m_depth == 2 && !isMetadata()) {
            if (m_header.tensors.size() >= kMaxTensors)
                fail("is one of more than " + groupedDigits(kMaxTensors) + " tensors",
                     "Split the file into shards.");
            m_header.tensors.emplace_back().name = m_name;
            m_offsets.clear();
            m_fields.clear();
        }
        return true;
    }

    bool end_object() override
    {
        if (m_depth-- == 2 && !isMetadata()) {
            for (const char* const field : {"dtype", "shape", "data_offsets"})
                if (!m_fields.contains(field))
                    fail(std::string("has no \"") + field + "\"", kNotWritten);
            finish(m_header.tensors.back());
        }
        return true;
    }

    bool start_array(std::size_t) override
    {
        if (m_depth != 2 || isMetadata() || m_isInArray || (m_field != "shape" && m_field != "data_offsets"))
            fail("has a list where none belongs", kNotWritten);
        m_isInArray = true;
        return true;
    }
    bool end_array() override
    {
        m_isInArray = false;
        return true;
    }

    bool number_unsigned(number_unsigned_t value) override
    {
        if (!m_isInArray)
            fail("has a number where none belongs", kNotWritten);
        if (m_field == "data_offsets") {
            if (m_offsets.size() == 2)
                fail("has more than two data_offsets", kNotWritten);
            m_offsets.push_back(value);
            return true;
        }
        auto& shape = m_header.tensors.back().shape;
        if (shape.size() == kMaxDimensions)
            fail("has more than 64 dimensions", kNotWritten);
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            fail("has a dimension of " + std::to_string(value), kDamaged);
        shape.push_back(static_cast<std::int64_t>(value));
        return true;
    }
    bool string(string_t& value) override
    {
        if (m_isInArray || m_depth != 2)
            fail("has a text where none belongs", kNotWritten);
        if (isMetadata()) {
            if (m_header.metadata.size() >= kMaxMetadata)
                fail("has more than " + groupedDigits(kMaxMetadata) + " keys", kNotWritten);
            m_header.metadata[m_field] = value;
        } else if (m_field == "dtype") {
            if (safetensorsElementBytes(value) == 0)
                fail("has the dtype \"" + value.substr(0, 40) + "\", which cannot be read",
                     "Convert it to one of BOOL, I8 to I64, U8 to U64, F8, F16, BF16, F32, F64.");
            m_header.tensors.back().dtype = value;
        } else if (m_field == "shape" || m_field == "data_offsets") {
            fail("has a text as " + m_field, kNotWritten);
        }
        return true;
    }

    bool null() override { return unexpected("null"); }
    bool boolean(bool) override { return unexpected("true or false"); }
    bool number_integer(number_integer_t) override { return unexpected("a negative number"); }
    bool number_float(number_float_t, const string_t&) override { return unexpected("a fraction"); }
    bool binary(binary_t&) override { return unexpected("binary data"); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override
    {
        return false;
    }

private:
    bool isMetadata() const { return m_name == "__metadata__"; }

    bool unexpected(const char* what)
    {
        fail(std::string("has ") + what + " where none belongs", kNotWritten);
    }

    void finish(TensorInfo& tensor)
    {
        if (m_offsets.size() != 2)
            fail("needs two data_offsets", kNotWritten);
        if (m_offsets[1] < m_offsets[0])
            fail("ends before it begins (data_offsets " + std::to_string(m_offsets[0]) + ", "
                     + std::to_string(m_offsets[1]) + ")",
                 kDamaged);
        tensor.offset = m_offsets[0];
        tensor.bytes = m_offsets[1] - m_offsets[0];
        const auto elements = checkedElements(tensor.shape);
        const auto needed = elements
            ? checkedProduct(*elements, safetensorsElementBytes(tensor.dtype))
            : std::nullopt;
        if (!needed)
            fail("has a shape that is too large for any memory", kDamaged);
        if (*needed != tensor.bytes)
            fail("has " + std::to_string(tensor.bytes) + " bytes where its shape and dtype need "
                     + std::to_string(*needed),
                 kDamaged);
    }

    [[noreturn]] void fail(const std::string& what, const char* hint) const
    {
        throw Error(m_where + ": "
                        + (m_name.empty() ? "the header" : "\"" + m_name.substr(0, 200) + "\"")
                        + " " + what + ".",
                    hint);
    }

    SafetensorsHeader& m_header;
    const std::string& m_where;
    std::unordered_set<std::string> m_names;
    std::set<std::string> m_fields; ///< of the tensor at hand
    std::string m_name;
    std::string m_field;
    std::vector<std::uint64_t> m_offsets;
    int m_depth = 0;
    bool m_isInArray = false;
};

std::uint64_t headerLength(std::span<const std::byte> file, const std::string& where)
{
    if (file.size() < 8)
        throw Error(where + ": " + bytesInWords(file.size())
                        + " are too few for a safetensors file.",
                    kDamaged);
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;)
        length = length << 8U | std::to_integer<std::uint64_t>(file[i]);
    if (length > kMaxHeader)
        throw Error(where + ": the header says it is " + bytesInWords(length) + " long; at most "
                        + bytesInWords(kMaxHeader) + " are allowed. This is no safetensors file.",
                    "Check whether this is the right file.");
    if (length > file.size() - 8)
        throw Error(where + ": the header says it is " + std::to_string(length)
                        + " bytes long, the file has only " + std::to_string(file.size()) + ".",
                    kDamaged);
    return length;
}

/// Every byte behind the header belongs to exactly one tensor.
void checkCover(const std::vector<TensorInfo>& tensors,
                std::uint64_t available,
                const std::string& where)
{
    std::uint64_t expected = 0;
    for (const TensorInfo& tensor : tensors) {
        if (tensor.offset != expected)
            throw Error(where + ": \"" + tensor.name.substr(0, 200) + "\" begins at byte "
                            + std::to_string(tensor.offset)
                            + " of the data, the tensor before it ends at "
                            + std::to_string(expected)
                            + (tensor.offset < expected ? ": they overlap."
                                                        : ": there is a hole between them."),
                        kDamaged);
        expected += tensor.bytes;
    }
    if (expected > available)
        throw Error(where + ": the tensors need " + std::to_string(expected)
                        + " bytes, the file has " + std::to_string(available) + ".",
                    kDamaged);
    if (expected < available)
        throw Error(where + ": " + std::to_string(available - expected)
                        + " bytes behind the last tensor belong to none.",
                    kDamaged);
}

} // namespace

std::uint64_t safetensorsElementBytes(std::string_view dtype)
{
    const std::size_t rank = safetensorsRank(dtype);
    return rank == kDtypes.size() ? 0 : kDtypes[rank].bytes;
}

std::size_t safetensorsRank(std::string_view dtype)
{
    const auto* const it = std::find_if(kDtypes.begin(), kDtypes.end(),
                                        [&](const auto& d) { return d.dtype == dtype; });
    return static_cast<std::size_t>(it - kDtypes.begin());
}

SafetensorsHeader readSafetensorsHeader(std::span<const std::byte> file, const std::string& where)
{
    const std::uint64_t length = headerLength(file, where);
    const auto text = std::string_view(reinterpret_cast<const char*>(file.data()) + 8, length);
    if (text.empty() || text.front() != '{')
        throw Error(where + ": the header is no JSON object. This is no safetensors file.",
                    "Check whether this is the right file.");
    SafetensorsHeader header;
    HeaderEvents events(header, where);
    parseJsonEvents(text, where + " (header)", events);
    std::sort(header.tensors.begin(), header.tensors.end(),
              [](const TensorInfo& a, const TensorInfo& b) {
                  return std::pair(a.offset, a.bytes) < std::pair(b.offset, b.bytes);
              });
    checkCover(header.tensors, file.size() - 8 - length, where);
    for (TensorInfo& tensor : header.tensors)
        tensor.offset += 8 + length;
    return header;
}

} // namespace tw
