// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tw {

/// A regular expression of Oniguruma, the engine of the reference, so that pre-tokenizers split
/// alike. Any thread may use it.
class Regex
{
public:
    /// Throws Error where the pattern is none, or could grow beyond reason.
    explicit Regex(const std::string& pattern);

    using Match = std::pair<std::size_t, std::size_t>; ///< bytes [first, second)
    /// All matches in text (well-formed UTF-8) from left to right, none overlapping. Throws Error
    /// where one takes too many steps.
    void findAll(std::string_view text, std::vector<Match>& matches) const;

private:
    struct Compiled;
    std::shared_ptr<const Compiled> m_compiled;
};

/// A text is looked for as it is.
using Pattern = std::variant<Regex, std::string>;
void findAll(const Pattern& pattern, std::string_view text, std::vector<Regex::Match>& matches);

} // namespace tw
