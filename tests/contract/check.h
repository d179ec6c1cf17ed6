// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace tw {

/// A promise of core that can be checked without Qt: on the desktop Qt Test runs it, on a GPU
/// server tw_contract does.
struct Check
{
    std::string name; ///< a sentence
    std::function<std::string()>
        run; ///< empty: kept; otherwise what was seen instead. "skip: ..." where it cannot run
};
using Checks = std::vector<Check>;

} // namespace tw
