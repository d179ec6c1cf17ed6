// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/gguf_writer.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/tensorfile/checked_math.h"
#include "core/tensorfile/dtypes.h"
#include "core/tensorfile/quantise.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <bit>
#include <unordered_set>

namespace tw {
namespace {

constexpr std::uint32_t kVersion = 3;
constexpr std::uint32_t kAlignment = 32; // where no field says otherwise
constexpr std::uint32_t kMaxAlignment = 1U << 20U; // as the reader accepts it
constexpr std::size_t kMaxDimensions = 4; // GGML_MAX_DIMS
constexpr const char* kAlignmentKey = "general.alignment";

static_assert(std::variant_size_v<GgufField> == static_cast<std::size_t>(GgufType::Float64) + 1);
static_assert(
    std::is_same_v<std::variant_alternative_t<static_cast<std::size_t>(GgufType::Array), GgufField>,
                   GgufList>);

/// The bytes in front of the tensors. Numbers are little-endian, as this machine is.
class HeaderText
{
public:
    template <typename T>
    void number(T value)
    {
        m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void text(std::string_view value)
    {
        number(std::uint64_t {value.size()});
        m_bytes += value;
    }
    void field(const std::string& key, const GgufField& value)
    {
        text(key);
        number(static_cast<std::uint32_t>(value.index()));
        std::visit([&](const auto& held) { put(held); }, value);
    }
    void padTo(std::uint64_t alignment)
    {
        m_bytes.resize((m_bytes.size() + alignment - 1) / alignment * alignment, '\0');
    }
    const std::string& bytes() const { return m_bytes; }

private:
    template <typename T>
    void put(const T& value)
    {
        number(value);
    }
    void put(const std::string& value) { text(value); }
    void put(bool value) { number(static_cast<std::uint8_t>(value ? 1 : 0)); }
    void put(const GgufList& list)
    {
        number(static_cast<std::uint32_t>(list.index()));
        std::visit([&](const auto& held) { putAll(held); }, list);
    }
    template <typename T>
    void putAll(const std::vector<T>& values)
    {
        number(std::uint64_t {values.size()});
        for (const T& value : values)
            put(value);
    }
    void putAll(std::monostate /*nothing*/)
    {
        throw Error("A list of lists cannot be written to GGUF.", "Write one list per key.");
    }

    std::string m_bytes;
};

std::uint64_t padded(std::uint64_t bytes, std::uint64_t alignment)
{
    return (bytes + alignment - 1) / alignment * alignment;
}

std::uint32_t alignmentOf(const GgufFields& fields)
{
    for (const auto& [key, value] : fields) {
        if (key != kAlignmentKey)
            continue;
        const auto* const alignment = std::get_if<std::uint32_t>(&value);
        if (alignment == nullptr || !std::has_single_bit(*alignment) || *alignment > kMaxAlignment)
            throw Error(std::string(kAlignmentKey)
                            + " has to be a power of two of the type UINT32, up to "
                            + std::to_string(kMaxAlignment) + ".",
                        "Use 32, as everybody does.");
        return *alignment;
    }
    return kAlignment;
}

[[noreturn]] void failTensor(const GgufTensorToWrite& tensor, const std::string& what)
{
    throw Error("The tensor \"" + tensor.tensor.name + "\" " + what + ".",
                "Store it as F32 or F16.");
}

/// The layout that a tensor asks for, checked against its shape.
const GgmlLayout& layoutOf(const GgufTensorToWrite& tensor)
{
    const GgmlLayout* const layout = ggmlLayout(std::string_view(tensor.dtype));
    if (layout == nullptr
        || (quantiserOf(tensor.dtype) == nullptr && scalarTypeOf(tensor.dtype) == std::nullopt))
        failTensor(tensor, "cannot be written as " + tensor.dtype);
    const auto& shape = tensor.tensor.shape;
    if (shape.size() > kMaxDimensions)
        failTensor(tensor,
                   "has " + std::to_string(shape.size()) + " dimensions; GGUF allows 4 at most");
    const std::int64_t row = shape.empty() ? 1 : shape.back();
    if (static_cast<std::uint64_t>(row) % layout->elements != 0)
        failTensor(tensor,
                   "has rows of " + std::to_string(row) + " values, which blocks of "
                       + std::to_string(layout->elements) + " (" + tensor.dtype + ") do not fill");
    return *layout;
}

std::uint64_t storedBytes(const GgufTensorToWrite& tensor)
{
    const GgmlLayout& layout = layoutOf(tensor);
    // bytes() has checked that the number of elements fits.
    const std::uint64_t elements = tensor.tensor.bytes() / c10::elementSize(tensor.tensor.type);
    return elements / layout.elements * layout.bytes;
}

void refuseTwins(const GgufFields& fields, const std::vector<GgufTensorToWrite>& tensors)
{
    std::unordered_set<std::string_view> names;
    for (const auto& [key, value] : fields)
        if (key.empty() || !names.insert(key).second)
            throw Error("The key \"" + key + "\" of GGUF is empty or there twice.",
                        "Give each key once.");
    names.clear();
    for (const GgufTensorToWrite& tensor : tensors)
        if (!names.insert(tensor.tensor.name).second)
            failTensor(tensor, "is there twice");
}

std::string headerOf(const GgufFields& fields,
                     const std::vector<GgufTensorToWrite>& tensors,
                     std::uint64_t alignment)
{
    HeaderText header;
    for (const char letter : {'G', 'G', 'U', 'F'})
        header.number(letter);
    header.number(kVersion);
    header.number(std::uint64_t {tensors.size()});
    header.number(std::uint64_t {fields.size()});
    for (const auto& [key, value] : fields)
        header.field(key, value);
    std::uint64_t offset = 0;
    for (const GgufTensorToWrite& tensor : tensors) {
        header.text(tensor.tensor.name);
        header.number(static_cast<std::uint32_t>(tensor.tensor.shape.size()));
        for (auto it = tensor.tensor.shape.rbegin(); it != tensor.tensor.shape.rend(); ++it)
            header.number(static_cast<std::uint64_t>(*it)); // innermost first
        header.number(layoutOf(tensor).type);
        header.number(offset);
        offset += padded(storedBytes(tensor), alignment);
    }
    header.padTo(alignment);
    return header.bytes();
}

/// values as blocks of dtype; U8 [bytes].
at::Tensor quantised(const GgufTensorToWrite& source, const at::Tensor& values)
{
    const GgmlLayout& layout = layoutOf(source);
    const Quantiser quantise = quantiserOf(source.dtype);
    const at::Tensor floats = values.to(at::kFloat).contiguous();
    if (layout.elements > 1 && !at::isfinite(floats).all().item<bool>())
        failTensor(source,
                   "has values that are infinite or not a number, which " + source.dtype
                       + " cannot hold");
    constexpr std::int64_t kGrain = 1 << 15; // values per piece of parallel work
    const at::Tensor out = at::empty({static_cast<std::int64_t>(storedBytes(source))}, at::kByte);
    const auto* const from = floats.const_data_ptr<float>();
    auto* const to = static_cast<std::byte*>(out.mutable_data_ptr());
    at::parallel_for(0, floats.numel() / static_cast<std::int64_t>(layout.elements),
                     kGrain / static_cast<std::int64_t>(layout.elements),
                     [&](std::int64_t begin, std::int64_t end) {
                         const auto first = static_cast<std::uint64_t>(begin);
                         quantise(from + first * layout.elements,
                                  static_cast<std::uint64_t>(end - begin),
                                  to + first * layout.bytes);
                     });
    return out;
}

/// The tensor's bytes as they stand in the file.
at::Tensor storedForm(const GgufTensorToWrite& source)
{
    const at::Tensor read = source.tensor.read().detach().to(at::kCPU);
    if (read.sizes() != at::IntArrayRef(source.tensor.shape) || read.is_complex())
        failTensor(source, "is complex, or has another shape than was announced");
    const auto plain = scalarTypeOf(source.dtype);
    if (plain && (read.scalar_type() == *plain || quantiserOf(source.dtype) == nullptr))
        return read.to(*plain).contiguous();
    return quantised(source, read);
}

} // namespace

void writeGguf(const std::filesystem::path& path,
               const GgufFields& fields,
               const std::vector<GgufTensorToWrite>& tensors)
{
    refuseTwins(fields, tensors);
    const std::uint64_t alignment = alignmentOf(fields);
    const std::string header = headerOf(fields, tensors, alignment);
    AtomicFile file(path);
    file.write(header);
    for (const GgufTensorToWrite& tensor : tensors) {
        const at::Tensor bytes = storedForm(tensor);
        file.write({static_cast<const std::byte*>(bytes.const_data_ptr()), bytes.nbytes()});
        const std::string padding(padded(bytes.nbytes(), alignment) - bytes.nbytes(), '\0');
        file.write(padding);
    }
    file.commit();
}

std::string ggufWithoutTensors(const GgufFields& fields)
{
    refuseTwins(fields, {});
    return headerOf(fields, {}, alignmentOf(fields));
}

} // namespace tw
