// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/kernels.h"

namespace tw {

/// Which bucket each distance from query to key falls into: int64 [n, m], the n queries being the
/// last of the m tokens. Keys behind the query have buckets of their own unless the queries see
/// none (Raffel et al. 2020; the logarithmic steps are those of Mesh TensorFlow).
at::Tensor relativeBuckets(const RelativeBuckets& settings,
                           std::int64_t queries,
                           std::int64_t keys,
                           bool isCausal);

/// A ScoreBias that looks the buckets up in table [buckets, heads]. Differentiable in table. It
/// remembers what it made for the sizes before, so make one for each forward pass.
ScoreBias bucketBias(const RelativeBuckets& settings, const at::Tensor& table, bool isCausal);

} // namespace tw
