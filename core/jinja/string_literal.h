// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tw::jinja {

/// The text that a Python literal stands for; what is wrong with it comes back in `problem`.
std::string unescaped(std::string_view literal, std::string& problem);

} // namespace tw::jinja
