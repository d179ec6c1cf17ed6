// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"

#include <algorithm>

namespace tw {

Error::Error(const std::string& what, std::string hint)
    : std::runtime_error(what)
    , m_hint(std::move(hint))
{
}

bool blocks(const Problems& problems)
{
    return std::any_of(problems.begin(), problems.end(),
                       [](const Problem& p) { return !p.isWarning; });
}

} // namespace tw
