// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tw {

/// Whether a label says that an answer is liked: true, 1, yes, good ... Throws Error where it says
/// neither that nor the opposite.
bool isLiked(const std::string& label);

} // namespace tw
