// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tw {

/// The page's style sheet: light, dark and print.
std::string reportStyle();
/// The page's script: buttons that copy numbers. Everything can be read without it.
const char* reportScript();

} // namespace tw
