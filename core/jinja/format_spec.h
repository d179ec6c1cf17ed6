// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the three ways to format share; for the files of core/jinja that do it.
#include "core/jinja/value.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tw::jinja {

constexpr std::int64_t kMaxWidth = 1'000'000;
constexpr std::int64_t kMaxPrecision = 1'000;

/// The parts of a format specification: [[fill]align][sign][#][0][width][,][.precision][type]
struct Specification
{
    std::string fill = " ";
    char align = '\0';
    char sign = '-';
    bool isAlternate = false;
    char grouping = '\0';
    std::int64_t width = 0;
    std::int64_t precision = -1;
    char type = '\0';
};

/// Digits at text[at]; moves `at` behind them. Throws Failure above limit.
std::int64_t readNumber(std::string_view text, std::size_t& at, std::int64_t limit);
/// Fills up to the specification's width. standard: where the text stands if nothing is said;
/// signLength: bytes that stay in front of fillers with '='.
std::string padded(const std::string& text,
                   const Specification& spec,
                   char standard,
                   std::size_t signLength = 0);
// Each throws Failure where specification and value do not fit.
std::string formatWhole(const Value& number, const Specification& spec);
std::string formatReal(double number, const Specification& spec);
std::string formatText(const std::string& text, const Specification& spec);

} // namespace tw::jinja
