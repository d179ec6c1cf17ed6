// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/symbols.h"

namespace tw::jinja {

bool Symbols::isKnown(const std::string& name) const
{
    return m_names.contains(name) || isKnownOutside(name);
}

void Symbols::read(const std::string& name)
{
    if (!isKnown(name))
        m_names.emplace(name, NameLoad::Resolve);
}

void Symbols::store(const std::string& name)
{
    m_stored.insert(name);
    m_names.emplace(name, isKnownOutside(name) ? NameLoad::Alias : NameLoad::Undefined);
}

void Symbols::parameter(const std::string& name)
{
    m_stored.insert(name);
    m_names.insert_or_assign(name, NameLoad::Parameter);
}

void Symbols::merge(const std::vector<Symbols>& branches)
{
    std::set<std::string> stored;
    for (const Symbols& branch : branches) {
        for (const std::string& name : branch.m_stored) {
            if (!m_stored.contains(name))
                stored.insert(name);
        }
    }
    for (const Symbols& branch : branches) {
        for (const auto& [name, load] : branch.m_names)
            m_names.insert_or_assign(name, load);
        m_stored.insert(branch.m_stored.begin(), branch.m_stored.end());
    }
    for (const std::string& name : stored)
        m_names[name] = isKnownOutside(name) ? NameLoad::Alias : NameLoad::Resolve;
}

NameLoads Symbols::loads() const
{
    NameLoads loads;
    for (const auto& [name, load] : m_names) {
        if (load != NameLoad::Parameter)
            loads.emplace_back(name, load);
    }
    return loads;
}

} // namespace tw::jinja
