// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/decomposition_cache.h"

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/tensorfile/tensor_file.h"

#include <optional>
#include <span>
#include <string>

namespace tw {
namespace {

std::optional<Decomposition> readEntry(const std::filesystem::path& file, const at::Tensor& W)
{
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored))
        return std::nullopt;
    try {
        const auto tensors = openTensorFile(file);
        Decomposition entry {tensors->read("vectors"), tensors->read("values"),
                             W.size(0) <= W.size(1)};
        if (belongsTo(entry, W))
            return entry;
    } catch (const Error&) { // a damaged entry is as good as none: it is computed again
    }
    return std::nullopt;
}

} // namespace

DecompositionCache::DecompositionCache(std::filesystem::path folder)
    : m_folder(std::move(folder))
{
}

std::filesystem::path DecompositionCache::fileOf(const at::Tensor& W) const
{
    const at::Tensor stored = W.contiguous();
    Sha256 hash;
    hash.add(std::string(at::toString(stored.scalar_type())) + " " + std::to_string(W.size(0)) + " "
             + std::to_string(W.size(1)));
    hash.add(std::span(static_cast<const std::byte*>(stored.const_data_ptr()), stored.nbytes()));
    return m_folder / (hash.hex() + ".safetensors");
}

Decomposition DecompositionCache::get(const at::Tensor& W) const
{
    if (m_folder.empty())
        return decompose(W);
    const std::filesystem::path file = fileOf(W);
    if (std::optional<Decomposition> entry = readEntry(file, W))
        return *entry;
    Decomposition fresh = decompose(W);
    std::error_code code;
    std::filesystem::create_directories(m_folder, code);
    try {
        writeSafetensors(file, {{"vectors", fresh.vectors}, {"values", fresh.values}},
                         {{"format", "tunewright decomposition 1"}});
    } catch (const Error&) { // a full or locked cache costs time on the next visit, not this result
    }
    return fresh;
}

} // namespace tw
