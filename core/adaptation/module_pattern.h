// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace tw {

/// A regular expression in Python's syntax, as adapter_config.json uses them for module names. It
/// comes from somebody's file, so matching gives up with an Error after a bounded number of steps
/// instead of running for hours.
class ModulePattern
{
public:
    /// Throws Error that shows the expression where it is none.
    explicit ModulePattern(const std::string& expression);
    ~ModulePattern();
    ModulePattern(ModulePattern&&) noexcept;
    ModulePattern& operator=(ModulePattern&&) noexcept;

    /// Python's re.fullmatch.
    bool matchesWhole(const std::string& text) const;
    /// Groups of Python's re.match, from 1; empty where it does not match.
    std::vector<std::string> groupsAtStart(const std::string& text) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace tw
