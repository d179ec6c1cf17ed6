// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/setting_checks.h"

#include "core/adaptation/registry.h"
#include "core/objective/registry.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"

#include <set>

namespace tw {
namespace {

std::string fault(const ParamSpec& spec)
{
    const bool isNumber = spec.type == ParamType::Integer || spec.type == ParamType::Real;
    if (spec.id.empty() || spec.title.empty())
        return "has no id or no title";
    if (spec.help.empty() || spec.help.back() != '.')
        return "has no help that is a sentence";
    if (spec.source.empty())
        return "does not say where its default comes from";
    if (isNumber && !(spec.minimum < spec.maximum))
        return "has no bounds";
    if (spec.type == ParamType::Choice && spec.choices.size() < 2)
        return "has fewer than two choices";
    for (const auto& choice : spec.choices)
        if (choice.id.empty() || choice.title.empty())
            return "has a choice without id or title";
    const Problems problems = checkValues({spec}, {{spec.id, spec.defaultValue}}, "");
    return problems.empty() ? "" : "has a default that it refuses: " + problems.front().what;
}

template <typename Plugin>
std::string faultOf(const Plugin& plugin)
{
    if (plugin.title.empty() || plugin.summary.empty())
        return "the plug-in has no title or no summary";
    std::set<std::string> ids;
    for (const ParamSpec& spec : plugin.params) {
        if (!ids.insert(spec.id).second)
            return "two settings are called " + spec.id;
        if (const std::string found = fault(spec); !found.empty())
            return spec.id + " " + found;
    }
    return {};
}

template <typename Plugin>
void addAll(Checks& checks, const Registry<Plugin>& registry)
{
    for (const auto& plugin : registry.all())
        checks.push_back({registry.kind() + " " + plugin->id + ": every setting is described",
                          [&plugin = *plugin] { return faultOf(plugin); }});
}

} // namespace

Checks settingChecks()
{
    Checks checks;
    addAll(checks, adaptations());
    addAll(checks, objectives());
    addAll(checks, optimizers());
    addAll(checks, schedules());
    return checks;
}

} // namespace tw
