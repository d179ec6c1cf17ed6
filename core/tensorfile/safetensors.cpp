// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/dtypes.h"
#include "core/tensorfile/indexed_file.h"
#include "core/tensorfile/safetensors_header.h"

namespace tw {
namespace {

class SafetensorsFile final : public IndexedTensorFile
{
public:
    SafetensorsFile(const TensorBytes& source, const std::string& where, SafetensorsHeader header)
        : IndexedTensorFile(where, std::move(header.tensors), std::move(header.metadata))
        , m_source(source)
    {
    }
    at::Tensor read(const std::string& name) const override
    {
        const TensorInfo& info = get(name);
        return plainTensor(m_source, info, *scalarTypeOf(info.dtype));
    }

private:
    TensorBytes m_source;
};

} // namespace

std::shared_ptr<const TensorFile> openSafetensors(const TensorBytes& source,
                                                  const std::string& where)
{
    return std::make_shared<SafetensorsFile>(source, where,
                                             readSafetensorsHeader(source.bytes, where));
}

} // namespace tw
