// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace tw {

/// "0-29", "3,5-7" as one flag a layer; numbers beyond the last layer are dropped.
std::vector<bool> layersFrom(const std::string& text, int layers);
/// The shortest such text; empty where no layer is on.
std::string layersText(const std::vector<bool>& isOn);

} // namespace tw
