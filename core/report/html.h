// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tw::html {

/// Text as it may stand in HTML content and in quoted attributes. Ill-formed UTF-8 and control
/// characters are repaired.
std::string escaped(std::string_view text);
/// JSON text as it may stand in a script element: nothing in it can end the element.
std::string escapedJson(std::string_view json);

/// A number for people: `decimals` places, a real minus; "none" for NaN.
std::string number(double value, int decimals);
/// A number for an axis or a cell: as short as four significant digits allow.
std::string shortNumber(double value);

/// A table that is also a figure's data.
struct Data
{
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
};
/// Comma-separated values (RFC 4180). A field that a spreadsheet would run as a formula gets a
/// leading apostrophe.
std::string csv(const Data& data);
/// The numbers behind a figure: folded away, with a button that copies them where scripts are
/// allowed.
std::string dataBehind(const std::string& id, const Data& data);

/// A table; columns whose cells are all numbers are set right-aligned.
std::string table(const Data& data);
/// Rows of label and value.
std::string facts(const std::vector<std::pair<std::string, std::string>>& rows);

} // namespace tw::html
