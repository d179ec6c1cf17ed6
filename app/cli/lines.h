// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace tw::cli {

/// Calls line(text, number from 1) for each line of a file ("-": stdin), line ends removed. Throws
/// Error.
void eachLine(const std::string& path,
              const std::function<void(const std::string&, std::int64_t)>& line);

/// A whole file, "-" for stdin.
std::string wholeText(const std::string& path);

} // namespace tw::cli
