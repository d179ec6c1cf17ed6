// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace tw {

/// Something failed: a sentence that says what and where, and a hint that says what to do next.
/// Thrown by core; caught by the job runner, by main() of the command line and by the window's
/// event handler.
class Error : public std::runtime_error
{
public:
    explicit Error(const std::string& what, std::string hint = {});
    const std::string& hint() const noexcept { return m_hint; }

private:
    std::string m_hint;
};

/// Somebody asked for the work to be dropped. Not an Error: there is nothing to report.
class Cancelled : public std::exception
{
public:
    const char* what() const noexcept override { return "cancelled"; }
};

/// What a person got wrong, at its field ("adaptation[0].settings.rank"): all of them are returned
/// at once.
struct Problem
{
    std::string field;
    std::string what;
    std::string hint;
    bool isWarning = false; ///< a warning does not keep a run from starting

    bool operator==(const Problem&) const = default;
};
using Problems = std::vector<Problem>;

/// True where at least one problem is not a mere warning.
bool blocks(const Problems& problems);

} // namespace tw
