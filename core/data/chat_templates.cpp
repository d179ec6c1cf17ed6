// SPDX-License-Identifier: Apache-2.0
#include "core/data/chat_templates.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tensorfile/gguf.h"

#include <algorithm>

namespace tw {
namespace {

namespace fs = std::filesystem;

using Sources = std::map<std::string, std::string>;

constexpr std::size_t kMaxConfig = 64'000'000; // bytes; large vocabularies stand in some of them
constexpr std::size_t kMaxTemplate = 4'000'000;
constexpr const char* kDefault = "default";
constexpr const char* kToolUse = "tool_use";

bool isFile(const fs::path& path)
{
    std::error_code error;
    return fs::is_regular_file(path, error);
}

Sources fromJinjaFiles(const fs::path& folder)
{
    Sources sources;
    if (isFile(folder / "chat_template.jinja"))
        sources[kDefault] = readFile(folder / "chat_template.jinja", kMaxTemplate);
    std::error_code error;
    for (fs::directory_iterator it(folder / "additional_chat_templates", error), end;
         !error && it != end; it.increment(error)) {
        if (it->path().extension() == ".jinja" && isFile(it->path()))
            sources[it->path().stem().string()] = readFile(it->path(), kMaxTemplate);
    }
    return sources;
}

Sources fromJson(const fs::path& file)
{
    Sources sources;
    if (!isFile(file))
        return sources;
    const Json config = readJsonFile(file, kMaxConfig);
    const auto it = config.is_object() ? config.find("chat_template") : config.end();
    if (it == config.end())
        return sources;
    const auto fail = [&] {
        throw Error(file.string()
                        + ": \"chat_template\" is neither a text nor a list of {\"name\", "
                          "\"template\"}.",
                    "Download the file again, or put the template into chat_template.jinja beside "
                    "it.");
    };
    const auto isText = [](const Json& json, const char* key) {
        return json.is_object() && json.contains(key) && json[key].is_string();
    };
    if (it->is_string()) {
        sources[kDefault] = it->get<std::string>();
    } else if (it->is_array()) {
        for (const Json& entry : *it) {
            if (!isText(entry, "name") || !isText(entry, "template"))
                fail();
            sources[entry["name"].get<std::string>()] = entry["template"].get<std::string>();
        }
    } else if (it->is_object()) {
        for (const auto& [name, source] : it->items()) {
            if (!source.is_string())
                fail();
            sources[name] = source.get<std::string>();
        }
    } else if (!it->is_null()) {
        fail();
    }
    return sources;
}

/// The GGUF file itself, or the only one in the folder; empty where there is none.
fs::path ggufAt(const fs::path& model)
{
    if (isFile(model))
        return model.extension() == ".gguf" ? model : fs::path {};
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator it(model, error), end; !error && it != end; it.increment(error)) {
        if (it->path().extension() == ".gguf")
            found.push_back(it->path());
    }
    return found.size() == 1 ? found.front() : fs::path {};
}

Sources fromGguf(const fs::path& path)
{
    const GgufFile file(path);
    const std::string key = "tokenizer.chat_template";
    Sources sources;
    if (const auto source = file.header.text(key))
        sources[kDefault] = std::string(*source);
    for (const auto& [name, entry] : file.header.values()) {
        const auto* const text = std::get_if<std::string_view>(&entry.value);
        if (text != nullptr && name.starts_with(key + "."))
            sources[name.substr(key.size() + 1)] = std::string(*text);
    }
    return sources;
}

Sources sourcesOf(const fs::path& model)
{
    const bool isInGguf = isFile(model) && model.extension() == ".gguf";
    if (!isInGguf) {
        const fs::path folder = isFile(model) ? model.parent_path() : model;
        for (Sources sources : {fromJinjaFiles(folder), fromJson(folder / "tokenizer_config.json"),
                                fromJson(folder / "chat_template.json")}) {
            if (!sources.empty())
                return sources;
        }
    }
    const fs::path gguf = ggufAt(model);
    return gguf.empty() ? Sources {} : fromGguf(gguf);
}

std::string listed(const Sources& sources)
{
    std::vector<std::string> names;
    for (const auto& source : sources)
        names.push_back(source.first);
    return join(names, ", ");
}

} // namespace

ChatTemplates::ChatTemplates(std::string source)
{
    if (!source.empty())
        m_sources[kDefault] = std::move(source);
}

ChatTemplates ChatTemplates::ofModel(const fs::path& model)
{
    ChatTemplates templates;
    templates.m_sources = sourcesOf(model);
    std::erase_if(templates.m_sources, [](const auto& entry) { return entry.second.empty(); });
    return templates;
}

const std::string& ChatTemplates::choose(const std::string& name, bool withTools) const
{
    if (m_sources.empty())
        throw Error("There is no template to render.",
                    "Give one with --template, or in the request.");
    const auto named = m_sources.find(!name.empty()                                   ? name
                                          : withTools && m_sources.contains(kToolUse) ? kToolUse
                                                                                      : kDefault);
    if (named != m_sources.end())
        return named->second;
    if (!name.empty())
        throw Error("The model has no chat template called \"" + name + "\".",
                    "It has: " + listed(m_sources) + ".");
    throw Error("The model has several chat templates, and none of them is the default one.",
                "Name one of them: " + listed(m_sources) + ".");
}

std::string chatTemplateOf(const fs::path& model)
{
    return rowTemplatesOf(model).plain;
}

RowTemplates rowTemplatesOf(const fs::path& model)
{
    const ChatTemplates templates = ChatTemplates::ofModel(model);
    const auto sourceOf = [&](const char* name) {
        const auto it = templates.sources().find(name);
        return it == templates.sources().end() ? std::string {} : it->second;
    };
    return {sourceOf(kDefault), sourceOf(kToolUse)};
}

} // namespace tw
