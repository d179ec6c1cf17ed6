// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/dtypes.h"
#include "core/workbench/workspace_state.h"

#include <ATen/ATen.h>

#include <limits>

namespace tw {
namespace {

namespace fs = std::filesystem;

/// The tensors of file as they are to be written, each read when its turn comes.
std::vector<TensorToWrite>
tensorsToWrite(const TensorFile& file, bool keepsTypes, JobControl& control)
{
    std::vector<TensorToWrite> tensors;
    const auto total = static_cast<std::int64_t>(file.tensors().size());
    const auto done = std::make_shared<std::int64_t>(0);
    for (const TensorInfo& info : file.tensors()) {
        const auto kept = keepsTypes ? scalarTypeOf(info.dtype) : std::nullopt;
        const auto read = [&file, &control, name = info.name, kept, total, done] {
            control.report("converting", (*done)++, total);
            control.throwIfCancelled();
            return kept ? file.read(name) : file.readFloat(name);
        };
        tensors.push_back({info.name, kept.value_or(at::kFloat), info.shape, read});
    }
    return tensors;
}

ConvertSummary converted(const ConvertRequest& request, JobControl& control)
{
    const auto file = openTensorFile(request.from);
    const auto tensors = tensorsToWrite(*file, request.keepsTypes, control);
    const std::uint64_t maxBytes = request.maxFileBytes == 0
        ? std::numeric_limits<std::uint64_t>::max()
        : request.maxFileBytes;
    ConvertSummary summary;
    summary.tensors = static_cast<std::int64_t>(tensors.size());
    for (const fs::path& path :
         writeSafetensorsShards(request.to, tensors, {{"format", "pt"}}, maxBytes)) {
        summary.bytes += fs::is_regular_file(path) ? fs::file_size(path) : 0; // else a pipe
        summary.files.push_back(path.string());
    }
    return summary;
}

} // namespace

Job<ConvertSummary> Workspace::convert(const ConvertRequest& request)
{
    return m_state->start(Lane::Kind::Light,
                          [request](JobControl& control) { return converted(request, control); });
}

} // namespace tw
