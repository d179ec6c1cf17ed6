// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/kernels.h"

namespace tw {

/// DeBERTa's scores between contents and relative positions (He et al. 2021, equation 4), as a
/// bias on the scores between contents. position: what turns the vectors of positions into keys
/// (for "c2p") and into queries (for "p2c"); nullptr where the model has no such term. vectors: [2
/// span, hidden]. The layers have to outlive the result.
ScoreBias disentangledBias(const Disentangled& settings,
                           const at::Tensor& vectors,
                           const Linear* positionKeys,
                           const Linear* positionQueries);

} // namespace tw
