// SPDX-License-Identifier: Apache-2.0
// The arguments of a call, bound to the names that a function gives them.
#include "core/jinja/value.h"

#include <algorithm>

namespace tw::jinja {

Bound::Bound(const char* function,
             const Arguments& arguments,
             const std::vector<const char*>& names,
             std::size_t required)
    : m_function(function)
    , m_values(names.size(), nullptr)
{
    if (arguments.positional.size() > names.size())
        throw Failure(std::string(function) + "() takes at most " + std::to_string(names.size())
                      + " arguments");
    for (std::size_t i = 0; i < arguments.positional.size(); ++i)
        m_values[i] = &arguments.positional[i];
    for (const auto& [name, value] : arguments.named) {
        const auto it = std::find(names.begin(), names.end(), name);
        const auto at = static_cast<std::size_t>(it - names.begin());
        if (it == names.end() || m_values[at] != nullptr)
            throw Failure(std::string(function) + "() got the argument '" + name
                          + "' unexpectedly");
        m_values[at] = &value;
    }
    for (std::size_t i = 0; i < required; ++i) {
        if (m_values[i] == nullptr)
            throw Failure(std::string(function) + "() needs the argument '" + names[i] + "'");
    }
}

bool Bound::flag(std::size_t i) const
{
    return m_values[i] != nullptr && isTrue(*m_values[i]);
}

std::int64_t Bound::whole(std::size_t i, std::int64_t otherwise) const
{
    if (m_values[i] == nullptr)
        return otherwise;
    if (!m_values[i]->isWhole())
        throw Failure(std::string(m_function) + "() needs a whole number, not "
                      + m_values[i]->typeName());
    // Nothing that is counted comes near this; so a length can be added without overflow.
    constexpr std::int64_t kLargest = std::int64_t {1} << 62;
    return std::clamp(m_values[i]->whole(), -kLargest, kLargest);
}

std::string Bound::text(std::size_t i, const std::string& otherwise) const
{
    if (m_values[i] == nullptr)
        return otherwise;
    if (!m_values[i]->isText())
        throw Failure(std::string(m_function) + "() needs a text, not " + m_values[i]->typeName());
    return *m_values[i]->text();
}

} // namespace tw::jinja
