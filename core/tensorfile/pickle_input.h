// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensorfile/pickle_builder.h"

#include <cstring>

namespace tw {

/// Reads on through the bytes of a pickle: arguments of its instructions, and the plain values
/// among them. Throws Error, with the place, where they are cut short or broken.
class PickleInput
{
public:
    PickleInput(std::string_view pickle, PickleBuilder& build)
        : m_pickle(pickle)
        , m_build(build)
    {
    }

    [[noreturn]] void fail(const std::string& what) const;
    std::string_view take(std::uint64_t count);
    /// Up to the next line break, which is passed.
    std::string_view line();
    template <typename T>
    T number() // little-endian, as this machine is
    {
        T value {};
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }

    /// A number, None, True or False that the instruction stands for; nothing where it is another
    /// instruction.
    std::optional<PickleValue> plain(char instruction);
    /// The same for texts and bytes.
    std::optional<PickleValue> text(char instruction);
    /// A line with a whole number that is no less than zero.
    std::uint64_t lineNumber();

private:
    PickleValue longInteger(std::uint64_t count);
    PickleValue integerLine();
    PickleValue realLine();
    PickleValue bytes(std::uint64_t count);
    PickleValue decoded(std::optional<std::string> text);

    std::string_view m_pickle;
    PickleBuilder& m_build;
    std::size_t m_at = 0;
};

} // namespace tw
