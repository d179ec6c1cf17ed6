// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tw::jinja {

/// What a template made: the text, and the [start, end) ranges, in code points, of its {%
/// generation %} blocks.
struct Rendered
{
    std::string text;
    std::vector<std::pair<std::size_t, std::size_t>> generationSpans;
};

/// A compiled chat template, rendered as Transformers renders it (trim_blocks, lstrip_blocks,
/// sandboxed, loop controls). Copyable, immutable; rendering is thread-safe, bounded in steps, in
/// time and in output.
class Template
{
public:
    /// Throws Error with line and column.
    explicit Template(std::string_view source);

    /// variables: a JSON object as text ("messages", "tools", "add_generation_prompt", "bos_token"
    /// ...). now: what strftime_now() sees, "2025-02-09T07:05:03"; empty: the clock. Throws Error
    /// (raise_exception(), undefined attributes, limits) with line and column.
    Rendered render(const std::string& variables, const std::string& now = {}) const;

private:
    struct Program;
    std::shared_ptr<const Program> m_program;
};

} // namespace tw::jinja
