// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/mapped_file.h"
#include "core/tensorfile/tensor_info.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace tw {

/// Types of GGUF's metadata, numbered as in the file.
enum class GgufType : std::uint32_t
{
    UInt8,
    Int8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    Float32,
    Bool,
    String,
    Array,
    UInt64,
    Int64,
    Float64
};

/// A list inside the file: its elements are decoded when they are asked for.
struct GgufArray
{
    GgufType type = GgufType::UInt8; ///< of the elements
    std::uint64_t count = 0;
    std::span<const std::byte> bytes; ///< exactly those of the elements
};

using GgufValue =
    std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view, GgufArray>;

/// A value and the type it is stored as.
struct GgufEntry
{
    GgufType type = GgufType::UInt8;
    GgufValue value;
};

/// How a tensor type of GGUF is stored: `elements` values in `bytes` bytes.
struct GgmlLayout
{
    std::uint32_t type = 0; ///< the number in the file
    const char* name = "";
    std::uint64_t elements = 1;
    std::uint64_t bytes = 1;
};
/// nullptr where we do not know the type.
const GgmlLayout* ggmlLayout(std::uint32_t type);
const GgmlLayout* ggmlLayout(std::string_view name);

/// Metadata and list of tensors of a GGUF file (version 2 or 3, little-endian). Texts and lists are
/// views into the bytes it was read from, which have to stay.
class GgufHeader
{
public:
    /// Checks every length, type and offset of file; throws Error with `where`, the place, the
    /// reason and the next step.
    GgufHeader(std::span<const std::byte> file, std::string where);

    bool has(const std::string& key) const { return m_values.contains(key); }
    const std::map<std::string, GgufEntry>& values() const { return m_values; }
    const std::vector<TensorInfo>& tensors() const { return m_tensors; }

    // Nothing where the key is absent; Error where it holds something else.
    std::optional<std::string_view> text(const std::string& key) const;
    std::optional<std::int64_t> integer(const std::string& key) const;
    std::optional<double> real(const std::string& key) const;
    std::optional<bool> flag(const std::string& key) const;
    std::optional<std::vector<std::string_view>> texts(const std::string& key) const;
    std::optional<std::vector<std::int64_t>> integers(const std::string& key) const;
    std::optional<std::vector<float>> reals(const std::string& key) const;

private:
    [[noreturn]] void failType(const std::string& key, const char* wanted) const;
    const GgufValue* find(const std::string& key) const;
    const GgufArray* findArray(const std::string& key, const char* wanted) const;

    std::string m_where;
    std::map<std::string, GgufEntry> m_values;
    std::vector<TensorInfo> m_tensors;
};

/// A GGUF file on disk: keeps the mapping that its header looks into.
struct GgufFile
{
    explicit GgufFile(const std::filesystem::path& path)
        : file(std::make_shared<const MappedFile>(path))
        , header(file->bytes(), path.string())
    {
    }
    std::shared_ptr<const MappedFile> file;
    GgufHeader header;
};

/// True where the bytes begin as a GGUF file does.
bool looksLikeGguf(std::span<const std::byte> file);

} // namespace tw
