// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tw {

/// Throws Error for what is no weight in a loss: it has to be 0 or more.
void checkWeight(double weight);
/// Of a cell: a number, or a JSON list of them; none where it is empty. Throws Error.
std::vector<float> weightsIn(const std::string& cell);

/// Of a row that has one answer; 1 where the cell is empty. Throws Error where it has several.
float rowWeight(const std::string& cell);

} // namespace tw
