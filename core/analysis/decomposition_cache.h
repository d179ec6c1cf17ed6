// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/decomposition.h"

#include <filesystem>

namespace tw {

/// Decompositions on disk, one safetensors file a matrix, named by the SHA-256 of the matrix and
/// its shape. An entry that cannot be read or does not belong to the matrix is computed and written
/// again.
class DecompositionCache
{
public:
    /// An empty folder name keeps nothing.
    explicit DecompositionCache(std::filesystem::path folder);

    /// W is float32 [m, n] as it comes from the file.
    Decomposition get(const at::Tensor& W) const;
    /// Where the entry of W lies or would lie.
    std::filesystem::path fileOf(const at::Tensor& W) const;

private:
    std::filesystem::path m_folder;
};

} // namespace tw
