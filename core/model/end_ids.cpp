// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/model/model.h"

namespace tw {
namespace {

constexpr std::size_t kMostBytes = 1 << 20; // these files have a few hundred bytes

/// One id or a list of them.
std::vector<std::int64_t> idsOf(const Json& value, const std::string& where)
{
    if (value.is_null())
        return {};
    std::vector<std::int64_t> ids;
    for (const Json& id : value.is_array() ? value : Json::array({value})) {
        if (!id.is_number_integer())
            throw Error(where + ": the key \"eos_token_id\" has to be an id or a list of ids.",
                        "Fetch the file again from where the model came from.");
        ids.push_back(id.get<std::int64_t>());
    }
    return ids;
}

} // namespace

std::vector<std::int64_t> endIdsOf(const ModelSource& source)
{
    if (source.isGguf) // there the vocabulary says it
        return {};
    const char* key = "eos_token_id";
    const auto folder =
        std::filesystem::is_directory(source.path) ? source.path : source.path.parent_path();
    if (const auto file = folder / "generation_config.json"; std::filesystem::exists(file)) {
        const Json settings = parseJson(readFile(file, kMostBytes), file.string());
        if (settings.is_object() && settings.contains(key))
            return idsOf(settings.at(key), file.string());
    }
    const Json config = parseJson(source.configText, "config.json");
    return config.contains(key) ? idsOf(config.at(key), (folder / "config.json").string())
                                : std::vector<std::int64_t>();
}

} // namespace tw
