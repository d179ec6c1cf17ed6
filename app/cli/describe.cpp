// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/json.h"
#include "core/workbench/workspace.h"

#include <algorithm>
#include <iostream>

namespace tw::cli {
namespace {

struct Options
{
    std::string kind;
    std::string id;
    bool json = false;
};

Json json(const PluginInfo& plugin)
{
    return {{"kind", plugin.kind},
            {"id", plugin.id},
            {"title", plugin.title},
            {"summary", plugin.summary},
            {"sites", plugin.sites},
            {"default_sites", plugin.defaultSites},
            {"merges_into_weights", plugin.mergesIntoWeights},
            {"keeps_knowledge", plugin.keepsKnowledge},
            {"small_memory", plugin.needsSmallMemory},
            {"prompt_like", plugin.isPromptLike},
            {"paper", plugin.paper},
            {"reimplemented", plugin.isReimplemented},
            {"settings", parseJson(jsonSchema(plugin.params), plugin.id)}};
}

std::string rangeText(const ParamSpec& spec)
{
    if (spec.type == ParamType::Choice) {
        std::string all;
        for (const ParamSpec::Choice& choice : spec.choices)
            all += (all.empty() ? "" : " | ") + choice.id;
        return all;
    }
    if (spec.type == ParamType::Integer || spec.type == ParamType::Real)
        return numberText(spec.minimum) + " to " + numberText(spec.maximum)
            + (spec.unit.empty() ? "" : " " + spec.unit);
    return name(spec.type);
}

void print(const PluginInfo& plugin)
{
    std::cout << plugin.kind << ' ' << plugin.id << ": " << plugin.title << '\n'
              << plugin.summary << "\n\n";
    std::vector<std::vector<std::string>> rows {{"setting", "default", "range", "help", "source"}};
    for (const ParamSpec& spec : plugin.params)
        rows.push_back(
            {spec.id, toText(spec.defaultValue), rangeText(spec), spec.help, spec.source});
    printTable(rows);
}

std::vector<PluginInfo> chosen(const Options& options)
{
    Workspace workspace;
    std::vector<PluginInfo> plugins = workspace.plugins();
    std::string kinds;
    for (const PluginInfo& plugin : plugins)
        if (kinds.find(plugin.kind) == std::string::npos)
            kinds += (kinds.empty() ? "" : ", ") + plugin.kind;
    std::erase_if(plugins, [&](const PluginInfo& plugin) {
        return !options.kind.empty() && plugin.kind != options.kind;
    });
    if (plugins.empty())
        throw Error("There is no kind of method called \"" + options.kind + "\".",
                    "Known: " + kinds + ".");
    std::string ids;
    for (const PluginInfo& plugin : plugins)
        ids += (ids.empty() ? "" : ", ") + plugin.id;
    std::erase_if(plugins, [&](const PluginInfo& plugin) {
        return !options.id.empty() && plugin.id != options.id;
    });
    if (plugins.empty())
        throw Error("There is no " + options.kind + " called \"" + options.id + "\".",
                    "Known: " + ids + ".");
    return plugins;
}

int describe(const Options& options)
{
    const std::vector<PluginInfo> plugins = chosen(options);
    if (options.json && !options.id.empty()) {
        printJson(json(plugins.front()));
    } else if (options.json) {
        Json list = Json::array();
        for (const PluginInfo& plugin : plugins)
            list.push_back(json(plugin));
        printJson(list);
    } else if (!options.id.empty()) {
        print(plugins.front());
    } else {
        std::vector<std::vector<std::string>> rows {{"kind", "id", "title", "what for"}};
        for (const PluginInfo& plugin : plugins)
            rows.push_back({plugin.kind, plugin.id, plugin.title, plugin.summary});
        printTable(rows);
    }
    return kDone;
}

} // namespace

Action addDescribe(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    app.add_option("kind", options->kind,
                   "Kind of method (adaptation, objective ...); without: all")
        ->option_text("KIND");
    app.add_option("id", options->id, "One method of that kind: its settings")->option_text("ID");
    addJson(app, options->json);
    return [options] { return describe(*options); };
}

} // namespace tw::cli
