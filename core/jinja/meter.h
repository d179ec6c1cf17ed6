// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

namespace tw::jinja {

/// Memory that the values of one rendering take. While it lives, it counts what this thread makes.
class Meter
{
public:
    Meter();
    ~Meter();
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;

    /// The part of one value, for as long as it lives.
    class Share
    {
    public:
        /// Throws Failure where all values together take too much. Counts nothing outside of a
        /// rendering.
        explicit Share(std::size_t bytes);
        ~Share();
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;

    private:
        std::shared_ptr<std::size_t> m_taken;
        std::size_t m_bytes;
    };

private:
    std::shared_ptr<std::size_t> m_before;
};

} // namespace tw::jinja
