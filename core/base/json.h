// SPDX-License-Identifier: Apache-2.0
#pragma once

// Only for .cpp files of core and of app/cli: nlohmann's header stays out of public headers.
#include "core/base/param.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

namespace tw {

/// Keeps the order of keys, so that documents stay readable and diffs small.
using Json = nlohmann::ordered_json;

/// Parses text; `where` (a file name) stands in the Error, with line and column. Nesting deeper
/// than 200, or more than 20,000 keys in one object, is refused.
Json parseJson(std::string_view text, const std::string& where);
/// Reports text piece by piece instead of building a tree: for large files, and where a duplicate
/// key has to be seen. The events may throw Error; where one returns false, reading ends and the
/// result is false.
bool parseJsonEvents(std::string_view text,
                     const std::string& where,
                     nlohmann::json_sax<Json>& events);
/// Reads and parses a file of at most maxBytes.
Json readJsonFile(const std::filesystem::path& path, std::size_t maxBytes);

Json toJson(const ParamValue& value);
Json toJson(const ParamValues& values);
/// Throws Error where json is not a flag, number or text; `where` names the place.
ParamValue paramValueFrom(const Json& json, const std::string& where);
ParamValues paramValuesFrom(const Json& json, const std::string& where);

} // namespace tw
