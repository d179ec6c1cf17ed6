// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/design_problems.h"

#include <charconv>
#include <string_view>

namespace tw {
namespace {

constexpr std::string_view kField = "adaptations";
constexpr std::string_view kSites = ".sites.";
constexpr std::string_view kSettings = ".settings.";

/// Takes "[12]" from the front; -1 where there is none.
int takeIndex(std::string_view& rest)
{
    if (!rest.starts_with('['))
        return -1;
    const auto end = rest.find(']');
    int index = -1;
    std::from_chars(rest.data() + 1, rest.data() + std::min(end, rest.size()), index);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return index;
}

} // namespace

std::vector<DesignProblem> designProblems(const Problems& problems)
{
    std::vector<DesignProblem> found;
    for (const Problem& problem : problems) {
        std::string_view rest = problem.field;
        if (!rest.starts_with(kField))
            continue;
        rest.remove_prefix(kField.size());
        DesignProblem place;
        place.adaptation = takeIndex(rest);
        if (rest.starts_with(kSites))
            place.site = rest.substr(kSites.size());
        else if (rest.starts_with(kSettings))
            place.setting = rest.substr(kSettings.size());
        place.words = QString::fromStdString(problem.what);
        if (!problem.hint.empty())
            place.words += QLatin1Char(' ') + QString::fromStdString(problem.hint);
        place.isWarning = problem.isWarning;
        found.push_back(std::move(place));
    }
    return found;
}

std::set<std::string> sitesWith(const std::vector<DesignProblem>& problems)
{
    std::set<std::string> sites;
    for (const DesignProblem& problem : problems) {
        if (!problem.site.empty())
            sites.insert(problem.site);
    }
    return sites;
}

} // namespace tw
