// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace tw {

/// The functions that Transformers' ACT2FN knows under these names and that published models use.
using Activation = at::Tensor (*)(const at::Tensor&);

/// Throws Error for a name that is not among them, with the list.
Activation activationFrom(const std::string& name);

} // namespace tw
