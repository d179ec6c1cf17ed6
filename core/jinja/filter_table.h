// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/filters.h"

#include <algorithm>
#include <array>

namespace tw::jinja {

template <typename Function>
struct NamedFunction
{
    std::string_view name;
    Function function;
};

template <typename Function, std::size_t size>
Function findIn(const std::array<NamedFunction<Function>, size>& table, std::string_view name)
{
    const auto it = std::find_if(table.begin(), table.end(),
                                 [&](const auto& known) { return known.name == name; });
    return it == table.end() ? nullptr : it->function;
}

} // namespace tw::jinja
