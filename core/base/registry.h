// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace tw {

/// All plug-ins of one kind, in the order of their registration. A Plugin has `std::string id`.
/// Filled once at the start by the generated registerAll...() and only read afterwards, so any
/// thread may look.
template <typename Plugin>
class Registry
{
public:
    explicit Registry(std::string kind)
        : m_kind(std::move(kind))
    {
    }

    void add(Plugin plugin)
    {
        if (find(plugin.id) != nullptr)
            throw Error("Two plug-ins of kind " + m_kind + " are called " + plugin.id + ".");
        m_plugins.push_back(std::make_unique<Plugin>(std::move(plugin)));
    }

    /// The plug-in called id, or nullptr.
    const Plugin* find(const std::string& id) const
    {
        const auto it = std::find_if(m_plugins.begin(), m_plugins.end(),
                                     [&](const auto& p) { return p->id == id; });
        return it == m_plugins.end() ? nullptr : it->get();
    }

    /// The plug-in called id; an unknown name is answered with the list of known ones.
    const Plugin& at(const std::string& id) const
    {
        if (const Plugin* plugin = find(id))
            return *plugin;
        throw Error("There is no " + m_kind + " called \"" + id + "\".", "Known: " + names() + ".");
    }

    std::string names() const
    {
        std::string all;
        for (const auto& plugin : m_plugins)
            all += (all.empty() ? "" : ", ") + plugin->id;
        return all;
    }

    const std::string& kind() const { return m_kind; }
    const std::vector<std::unique_ptr<Plugin>>& all() const { return m_plugins; }

private:
    std::string m_kind;
    std::vector<std::unique_ptr<Plugin>> m_plugins;
};

} // namespace tw
