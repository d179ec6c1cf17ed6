// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/workspace_state.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

namespace fs = std::filesystem;

ConvertSummary
converted(const std::string& from, const std::string& to, bool keepTypes, JobControl& control)
{
    const auto file = openTensorFile(from);
    NamedTensorList tensors;
    const auto total = static_cast<std::int64_t>(file->tensors().size());
    for (const TensorInfo& info : file->tensors()) {
        control.report("reading", static_cast<std::int64_t>(tensors.size()), total);
        control.throwIfCancelled();
        const at::Tensor tensor = keepTypes ? file->read(info.name) : file->readFloat(info.name);
        tensors.emplace_back(info.name, tensor.contiguous());
    }
    control.report("writing", 0, 0);
    writeSafetensors(to, tensors, {{"format", "pt"}});
    return {total, fs::file_size(to)};
}

} // namespace

Job<ConvertSummary>
Workspace::convert(const std::string& from, const std::string& to, bool keepTypes)
{
    return m_state->start(Lane::Kind::Light, [from, to, keepTypes](JobControl& control) {
        return converted(from, to, keepTypes, control);
    });
}

} // namespace tw
