// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tensorfile/dequantise.h"
#include "core/tensorfile/dtypes.h"
#include "core/tensorfile/gguf.h"
#include "core/tensorfile/indexed_file.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <sstream>

namespace tw {
namespace {

constexpr std::int64_t kGrain = 1 << 16; // values per piece of parallel work: some ten microseconds

at::Tensor dequantised(const TensorBytes& source, const TensorInfo& info, Dequantiser dequantise)
{
    const GgmlLayout& layout = *ggmlLayout(info.dtype);
    at::Tensor tensor = at::empty(info.shape, at::kFloat);
    auto* const out = tensor.data_ptr<float>();
    const std::byte* const blocks = source.bytes.data() + info.offset;
    const auto count = static_cast<std::int64_t>(info.bytes / layout.bytes);
    const auto grain = kGrain / static_cast<std::int64_t>(layout.elements);
    at::parallel_for(0, count, grain, [&](std::int64_t begin, std::int64_t end) {
        const auto first = static_cast<std::uint64_t>(begin);
        dequantise(blocks + first * layout.bytes, static_cast<std::uint64_t>(end - begin),
                   out + first * layout.elements);
    });
    return tensor;
}

class GgufTensors final : public IndexedTensorFile
{
public:
    GgufTensors(const TensorBytes& source,
                const std::string& where,
                const GgufHeader& header,
                std::map<std::string, std::string> metadata)
        : IndexedTensorFile(where, header.tensors(), std::move(metadata))
        , m_source(source)
    {
    }
    at::Tensor read(const std::string& name) const override
    {
        const TensorInfo& info = get(name);
        if (const auto type = scalarTypeOf(info.dtype))
            return plainTensor(m_source, info, *type);
        if (const Dequantiser dequantise = dequantiserOf(info.dtype))
            return dequantised(m_source, info, dequantise);
        throw Error(
            where() + ": tensor \"" + name + "\" is of type " + info.dtype
                + ", which cannot be read.",
            "Use a version of the model in F16, BF16, Q8_0, Q2_K to Q6_K, Q5_0, Q5_1, Q4_0, Q4_1, "
            "IQ4_NL, IQ4_XS, TQ1_0, TQ2_0 or MXFP4.");
    }

private:
    TensorBytes m_source;
};

std::string textOf(const GgufValue& value)
{
    if (const auto* const text = std::get_if<std::string_view>(&value))
        return repairedUtf8(*text);
    if (const auto* const flag = std::get_if<bool>(&value))
        return *flag ? "true" : "false";
    if (const auto* const number = std::get_if<std::int64_t>(&value))
        return std::to_string(*number);
    if (const auto* const number = std::get_if<std::uint64_t>(&value))
        return std::to_string(*number);
    std::ostringstream out; // shortest common form, independent of the locale's comma
    out.imbue(std::locale::classic());
    out << std::get<double>(value);
    return out.str();
}

} // namespace

std::shared_ptr<const TensorFile> openGguf(const TensorBytes& source, const std::string& where)
{
    const GgufHeader header(source.bytes, where);
    if (header.integer("split.count").value_or(1) > 1)
        throw Error(where + ": this is one part of a GGUF model in several files.",
                    "Join them first: llama-gguf-split --merge FIRST-PART WHOLE.gguf");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, entry] : header.values())
        if (!std::holds_alternative<GgufArray>(entry.value))
            metadata.emplace(key, textOf(entry.value));
    return std::make_shared<GgufTensors>(source, where, header, std::move(metadata));
}

} // namespace tw
