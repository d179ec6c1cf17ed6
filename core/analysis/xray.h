// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/values.h"
#include "core/job/job_control.h"
#include "core/model/hooks.h"

#include <ATen/core/Tensor.h>

#include <filesystem>

namespace tw {

/// One matrix of the X-ray: what `delta` did to W0 [out, in]. cacheFolder keeps the base's
/// decompositions (empty: nothing is kept). site and layer stay unset.
XrayCell xrayMatrix(const at::Tensor& W0,
                    const LowRank& delta,
                    const XrayOptions& options,
                    const std::filesystem::path& cacheFolder);
/// The same for a change of any kind; W is the tuned matrix.
XrayCell xrayMatrix(const at::Tensor& W0,
                    const at::Tensor& W,
                    const XrayOptions& options,
                    const std::filesystem::path& cacheFolder);

/// Compares all linear matrices of two models: a base with an adapter, two adapters on one base, or
/// two checkpoints whose sites match. Small matrices are compared one a thread, large ones one
/// after the other, so few are in memory at a time; adapters are read without their model's
/// weights. Embeddings and head are left out. With an adapter only the matrices that it touches are
/// compared. Progress stage "comparing". Throws Error where the two do not match.
XrayResult xray(const ModelRef& base,
                const ModelRef& tuned,
                const XrayOptions& options,
                const std::filesystem::path& cacheFolder,
                JobControl& control);

} // namespace tw
