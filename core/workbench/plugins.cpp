// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/analysis/registry.h"
#include "core/data/registry.h"
#include "core/model/registry.h"
#include "core/objective/registry.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"
#include "core/workbench/workspace.h"

namespace tw {
namespace {

std::vector<std::string> idsOf(const std::vector<SiteKind>& kinds)
{
    std::vector<std::string> ids;
    for (const SiteKind kind : kinds)
        ids.emplace_back(siteId(kind));
    return ids;
}

template <typename Plugin>
void addAll(std::vector<PluginInfo>& out, const Registry<Plugin>& registry, const char* kind)
{
    for (const auto& plugin : registry.all()) {
        PluginInfo info;
        info.kind = kind;
        info.id = plugin->id;
        info.title = plugin->title;
        if constexpr (requires { plugin->summary; })
            info.summary = plugin->summary;
        if constexpr (requires { plugin->paper; })
            info.paper = plugin->paper;
        if constexpr (requires { plugin->params; })
            info.params = plugin->params;
        if constexpr (requires { plugin->siteKinds; }) {
            info.sites = idsOf(plugin->siteKinds);
            info.defaultSites = idsOf(plugin->defaultSites);
            info.mergesIntoWeights = plugin->has(Trait::Merges);
            info.keepsKnowledge = plugin->has(Trait::KeepsKnowledge);
            info.needsSmallMemory = plugin->has(Trait::SmallMemory);
            info.isPromptLike = plugin->has(Trait::PromptLike);
            info.takesWeights = plugin->takesWeights;
            info.isReimplemented = plugin->isReimplemented;
        }
        out.push_back(std::move(info));
    }
}

} // namespace

std::vector<PluginInfo> Workspace::plugins() const
{
    std::vector<PluginInfo> out;
    addAll(out, adaptations(), "adaptation");
    addAll(out, objectives(), "objective");
    addAll(out, optimizers(), "optimizer");
    addAll(out, schedules(), "schedule");
    addAll(out, analyses(), "analysis");
    addAll(out, modelFamilies(), "family");
    addAll(out, dataReaders(), "reader");
    return out;
}

} // namespace tw
