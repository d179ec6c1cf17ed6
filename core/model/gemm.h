// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tw {

/// A row-major float32 matrix within larger memory: `stride` numbers from one row to the next.
struct MatrixView
{
    const float* data = nullptr;
    std::int64_t stride = 0;
    bool isTransposed = false; ///< take the stored rows as columns
};

/// C [rows, columns] = A [rows, inner] B [inner, columns] + (adds ? C : 0), row-major. For the many
/// small products within attention, called from inside parallel regions: no checks, no allocation,
/// no threads of its own there.
void multiply(std::int64_t rows,
              std::int64_t columns,
              std::int64_t inner,
              MatrixView A,
              MatrixView B,
              float* C,
              std::int64_t strideC,
              bool adds = false);

} // namespace tw
