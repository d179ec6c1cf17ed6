// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/lora_delta.h"
#include "core/adaptation/lora_options.h"
#include "core/base/random.h"

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace tw {

/// What the start values of a layer may depend on.
struct LoraStartRequest
{
    at::Tensor weight; ///< of the layer, float32 [out, in]
    std::int64_t rank = 0;
    double scale = 1.0; ///< that delta is multiplied by
    const LoraOptions& options;
    RandomStream& random;
};

/// A way to begin.
struct LoraStart
{
    std::string id; ///< PEFT's init_lora_weights, where it is a text
    std::string title;
    /// B A is not 0. PEFT then takes it out of the weights; here the update is what was added to
    /// it, on the weights as they are.
    bool beginsWithChange = false;
    LoraFactors (*make)(const LoraStartRequest&) = nullptr;
};
const std::vector<LoraStart>& loraStarts();
/// Throws Error where there is none of this id.
const LoraStart& loraStart(const std::string& id);

/// PiSSA (Meng et al. 2024, section 3): with W = U S V^T and S' = S / scale, A = sqrt(S') V^T and
/// B = U sqrt(S') of the largest `rank` singular values.
LoraFactors pissaStart(const at::Tensor& weight, std::int64_t rank, double scale);
/// The same from a randomised decomposition with `iterations` subspace iterations (Halko et al.
/// 2011, algorithm 4.4), as PEFT's pissa_niter.
LoraFactors quickPissaStart(const LoraStartRequest& request, std::int64_t iterations);
/// OLoRA (Buyukakyuz 2024): W = Q R, B = Q[:, :rank], A = R[:rank]. As PEFT, without regard to the
/// scale.
LoraFactors oloraStart(const at::Tensor& weight, std::int64_t rank);

} // namespace tw
