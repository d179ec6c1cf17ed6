// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/ScalarType.h>

#include <optional>
#include <string_view>

namespace tw {

/// LibTorch's type for a stored type ("F32", "BF16", "U16" ...), spelled as safetensors does;
/// nothing for quantised ones and what LibTorch has not.
std::optional<at::ScalarType> scalarTypeOf(std::string_view dtype);
/// The other way round; empty where we have no name for it.
std::string_view dtypeNameOf(at::ScalarType type);

} // namespace tw
