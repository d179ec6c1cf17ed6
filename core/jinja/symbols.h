// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tw::jinja {

/// What a name stands for when its frame is entered.
enum class NameLoad
{
    Resolve, ///< the variable of the rendering, or undefined
    Alias, ///< what the frame outside holds at that moment
    Undefined, ///< nothing, until the frame sets it
    Parameter ///< bound by whoever enters the frame
};

using NameLoads = std::vector<std::pair<std::string, NameLoad>>;

/// The names of one frame: a template, a loop's body, a macro, a block that is set ... Jinja
/// decides before anything runs which frame a name belongs to, by reading each frame from top to
/// bottom: a name that a frame reads first comes from outside, a name that it sets first is its own
/// and undefined until then, in all frames within it too. (Jinja 3.1, documentation, "Assignments"
/// and "Scoping Behavior"; the rules for branches are seen from its behaviour.)
class Symbols
{
public:
    explicit Symbols(const Symbols* outer = nullptr)
        : m_outer(outer)
    {
    }
    void read(const std::string& name);
    void store(const std::string& name);
    void parameter(const std::string& name);
    /// The branches of a condition, each begun as a copy of this: a name that only some of them set
    /// keeps its outer value in the others.
    void merge(const std::vector<Symbols>& branches);
    /// What entering the frame has to do; parameters are left out.
    NameLoads loads() const;

private:
    bool isKnown(const std::string& name) const;
    bool isKnownOutside(const std::string& name) const
    {
        return m_outer != nullptr && m_outer->isKnown(name);
    }

    const Symbols* m_outer;
    std::map<std::string, NameLoad> m_names;
    std::set<std::string> m_stored;
};

} // namespace tw::jinja
