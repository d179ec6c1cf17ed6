// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <QString>

#include <set>
#include <string>
#include <vector>

namespace tw {

/// A problem of check() that is about an adaptation, and where the designer shows it.
struct DesignProblem
{
    int adaptation = -1; ///< -1: about all of them together
    std::string site; ///< "attn.q"; empty: about no single kind of site
    std::string setting; ///< "rank"; its field in the form says it
    QString words; ///< what is wrong and what to do
    bool isWarning = false;
};

/// Those of the problems whose fields are "adaptations", "adaptations[1].sites.attn.q" and the
/// like.
std::vector<DesignProblem> designProblems(const Problems& problems);
/// The sites that are marked.
std::set<std::string> sitesWith(const std::vector<DesignProblem>& problems);

} // namespace tw
