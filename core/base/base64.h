// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tw {

/// The bytes that base64 (RFC 4648) stands for; nothing where the text is not base64.
std::optional<std::string> fromBase64(std::string_view text);

} // namespace tw
