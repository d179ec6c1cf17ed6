// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

namespace tw {

/// Dropout of LyCORIS's methods (LoHa, LoKr; Yeh et al. 2024), as PEFT has it: of the change of a
/// layer, only while training.
struct LycorisDropout
{
    double outputs = 0.0; ///< share of the outputs that are not changed (rank_dropout)
    double layer = 0.0; ///< how often the whole layer is not changed (module_dropout)
    bool keepsMean = false; ///< what is left of the outputs is enlarged in return

    /// change: [*, out], by rows of out.
    at::Tensor of(const at::Tensor& change) const;
};

} // namespace tw
