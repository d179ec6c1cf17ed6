// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lycoris_dropout.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {

at::Tensor LycorisDropout::of(const at::Tensor& change) const
{
    if (!at::GradMode::is_enabled() || (outputs <= 0.0 && layer <= 0.0))
        return change;
    at::Tensor kept =
        at::rand({change.size(-1)}, change.options()).gt(outputs).to(change.scalar_type());
    if (keepsMean) // where nothing is left, there is nothing to enlarge
        kept = kept / kept.mean().clamp_min(1.0 / static_cast<double>(kept.numel()));
    if (layer > 0.0)
        kept = kept * at::rand({1}, kept.options()).gt(layer).to(kept.scalar_type());
    return change * kept;
}

} // namespace tw
