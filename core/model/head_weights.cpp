// SPDX-License-Identifier: Apache-2.0
#include "core/model/head_weights.h"

namespace tw {

NamedTensors headWeightsOf(const Model& model)
{
    const auto* headed = dynamic_cast<const HasHead*>(&model);
    return headed == nullptr ? NamedTensors() : headed->headWeights();
}

NamedTensors takenBehind(const WeightSource& weights, std::size_t count)
{
    const NamedTensors& all = weights.taken();
    return {all.begin() + static_cast<std::ptrdiff_t>(count), all.end()};
}

} // namespace tw
