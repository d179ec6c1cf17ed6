// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adapter_parts.h"
#include "core/model/model.h"

#include <string>

namespace tw {

/// A weight that an adapter brings along whole: it stands in the place of the model's while it is
/// enabled. The model has to outlive it.
class OwnWeight
{
public:
    /// Changes nothing yet. Throws Error where the model has no such weight, one of another shape,
    /// or another adapter's in its place.
    OwnWeight(Model& model, const BroughtWeight& brought);

    void enable();
    void disable();
    /// What the model computes with while this is enabled; requires gradients where it is trained.
    const at::Tensor& tensor() const { return m_tensor; }

private:
    at::Tensor* m_slot = nullptr; ///< where the model keeps it; nullptr: the tensors' contents are
                                  ///< exchanged
    at::Tensor m_tensor;
    at::Tensor m_placed; ///< m_tensor as the slot has it
    at::Tensor m_base;
    at::Tensor m_value;
    bool m_isTrained = false;
};

} // namespace tw
