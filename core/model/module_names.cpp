// SPDX-License-Identifier: Apache-2.0
#include "core/model/module_names.h"

#include "core/base/error.h"

#include <utility>

namespace tw {

ModuleNames::ModuleNames(std::map<SiteKind, std::string> paths)
    : m_paths(std::move(paths))
{
}

std::string ModuleNames::at(Site site) const
{
    const auto it = m_paths.find(site.kind);
    if (it == m_paths.end())
        throw Error("The model has no " + std::string(siteId(site.kind)) + ".",
                    "Choose among the sites that the model has.");
    std::string path = it->second;
    if (const auto place = path.find("{}"); place != std::string::npos)
        path.replace(place, 2, std::to_string(site.layer - m_first));
    return path;
}

ModuleNames ModuleNames::with(const std::map<SiteKind, std::string>& paths) const
{
    ModuleNames more = *this;
    for (const auto& [kind, path] : paths)
        more.m_paths[kind] = path;
    return more;
}

ModuleNames ModuleNames::without(const std::string& prefix) const
{
    ModuleNames shorter = *this;
    for (auto& [kind, path] : shorter.m_paths)
        if (path.starts_with(prefix))
            path.erase(0, prefix.size());
    return shorter;
}

ModuleNames ModuleNames::startingAt(std::int32_t first) const
{
    ModuleNames later = *this;
    later.m_first = first;
    return later;
}

} // namespace tw
