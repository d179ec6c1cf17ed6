// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/tensorfile/archive_bytes.h"
#include "core/tensorfile/dtypes.h"
#include "core/tensorfile/torch_archive.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

std::vector<TensorInfo> infosOf(const TorchArchive& archive)
{
    std::vector<TensorInfo> infos;
    infos.reserve(archive.tensors().size());
    for (const TorchArchiveTensor& tensor : archive.tensors())
        infos.push_back(tensor.info);
    return infos;
}

class TorchTensors final : public IndexedTensorFile
{
public:
    TorchTensors(const TensorBytes& source, const std::string& where, TorchArchive archive)
        : IndexedTensorFile(where, infosOf(archive), archive.metadata())
        , m_archive(std::move(archive))
        , m_bytes(source, m_archive.zip())
    {
    }
    at::Tensor read(const std::string& name) const override
    {
        const TensorInfo& info = get(name);
        // Both lists are in the same order.
        const TorchArchiveTensor& tensor =
            m_archive.tensors()[static_cast<std::size_t>(&info - tensors().data())];
        const at::ScalarType type = *scalarTypeOf(info.dtype);
        if (info.bytes == 0)
            return at::empty(info.shape, type);
        at::Tensor values = viewedAs(m_bytes.read(tensor.entry, tensor.begin, tensor.span), type)
                                .as_strided(info.shape, tensor.strides);
        if (tensor.isConjugate)
            values = values.conj().resolve_conj();
        return tensor.isNegative ? values.neg() : values;
    }

private:
    TorchArchive m_archive;
    ArchiveBytes m_bytes;
};

} // namespace

std::shared_ptr<const TensorFile> openTorchArchive(const TensorBytes& source, ZipArchive archive)
{
    const std::string where = archive.where();
    return std::make_shared<TorchTensors>(source, where, TorchArchive(std::move(archive)));
}

} // namespace tw
