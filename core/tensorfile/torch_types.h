// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace tw {

// The names of PyTorch's types in a pickle, without PyTorch. Number formats are spelled as
// safetensors spells them.

/// What a storage ("torch.FloatStorage") holds: empty for one of bare bytes, nothing for a name
/// that is no storage.
std::optional<std::string_view> torchStorageDtype(std::string_view name);
/// The number format that a name ("torch.bfloat16") stands for.
std::optional<std::string_view> torchDtype(std::string_view name);
/// True for these and for the few types that are named beside tensors without being called.
bool isTorchType(std::string_view name);

} // namespace tw
