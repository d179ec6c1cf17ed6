// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/indexed_file.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

#include <cstring>

namespace tw {
namespace {

constexpr std::uint64_t kSmall = 65'536; // below this a copy costs less than a mapping of its own

} // namespace

IndexedTensorFile::IndexedTensorFile(std::string where,
                                     std::vector<TensorInfo> tensors,
                                     std::map<std::string, std::string> metadata)
    : m_where(std::move(where))
    , m_tensors(std::move(tensors))
    , m_metadata(std::move(metadata))
{
    m_index.reserve(m_tensors.size());
    for (std::size_t i = 0; i < m_tensors.size(); ++i)
        m_index.emplace(m_tensors[i].name, i);
}

const TensorInfo* IndexedTensorFile::find(const std::string& name) const
{
    const auto it = m_index.find(name);
    return it == m_index.end() ? nullptr : &m_tensors[it->second];
}

const TensorInfo& IndexedTensorFile::get(const std::string& name) const
{
    if (const TensorInfo* const info = find(name))
        return *info;
    throw Error(m_where + ": there is no tensor \"" + name + "\".",
                "Check that the file belongs to this kind of model.");
}

at::Tensor TensorFile::readFloat(const std::string& name) const
{
    const at::Tensor stored = read(name);
    if (stored.is_complex())
        throw Error("The tensor \"" + name + "\" holds complex numbers, which float32 cannot.",
                    "No model computes with them; tunewright-cli convert --keep copies them as "
                    "they are.");
    return stored.to(at::kFloat);
}

at::Tensor plainTensor(const TensorBytes& source, const TensorInfo& info, at::ScalarType type)
{
    const auto options = at::TensorOptions().dtype(type);
    const std::size_t element = c10::elementSize(type);
    // A bool other than 0 and 1 is undefined behaviour, so those are never taken as they are.
    if (source.file && info.bytes >= kSmall && info.offset % element == 0 && type != at::kBool) {
        auto view = source.file->privateView(info.offset, info.bytes);
        return at::from_blob(view.get(), info.shape, [view](void*) { }, options);
    }
    at::Tensor tensor = at::empty(info.shape, options);
    if (info.bytes == 0)
        return tensor;
    std::memcpy(tensor.data_ptr(), source.bytes.data() + info.offset, info.bytes);
    return type == at::kBool ? tensor.view(at::kByte).ne(0) : tensor;
}

} // namespace tw
