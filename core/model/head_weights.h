// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

#include <cstddef>

namespace tw {

/// A model with a head for a task; a head that continues text is a site of its own and none of
/// these.
class HasHead
{
public:
    virtual ~HasHead() = default;
    /// The weights of the head and of nothing below it, under Hugging Face's names.
    virtual const NamedTensors& headWeights() const = 0;
};

/// None where the model has no such head.
NamedTensors headWeightsOf(const Model& model);

/// What was taken without the first `count` tensors.
NamedTensors takenBehind(const WeightSource& weights, std::size_t count);

} // namespace tw
