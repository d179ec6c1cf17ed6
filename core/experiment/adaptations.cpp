// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/adaptations.h"

#include "core/adaptation/registry.h"
#include "core/adaptation/task_head.h"
#include "core/base/text.h"
#include "core/model/other_task.h"
#include "core/objective/registry.h"

#include <algorithm>
#include <filesystem>

namespace tw {
namespace {

std::string fieldOf(std::size_t index)
{
    return "adaptations[" + std::to_string(index) + "].";
}

/// An adaptation of the document whose method and sites are known.
struct Placed
{
    const Adaptation* method = nullptr;
    SiteSelection selection;
};

class Checker
{
public:
    Checker(const Experiment& experiment, const std::vector<SiteInfo>& sites)
        : m_experiment(experiment)
        , m_sites(sites)
    {
    }

    Problems run()
    {
        const auto& choices = m_experiment.adaptations;
        if (choices.empty() && !trainsHead())
            add("adaptations", "Nothing is trained: the experiment has no adaptation.",
                "Choose a method, for example LoRA.");
        for (const std::string& folder : m_experiment.adapters)
            checkFolder("adapters", folder);
        for (std::size_t i = 0; i < choices.size(); ++i)
            m_placed.push_back(check(i));
        for (std::size_t i = 0; i < m_placed.size(); ++i)
            for (std::size_t earlier = 0; earlier < i; ++earlier)
                checkPair(earlier, i);
        return std::move(m_problems);
    }

private:
    /// An objective with labels trains the model's head, which is enough.
    bool trainsHead() const
    {
        const Objective* objective = objectives().find(m_experiment.objective.method);
        return objective != nullptr && std::ranges::any_of(objective->tasks, hasLabels);
    }

    void add(const std::string& field, const std::string& what, const std::string& hint)
    {
        m_problems.push_back({field, what, hint, false});
    }

    void checkFolder(const std::string& field, const std::string& folder)
    {
        if (!folder.starts_with(kStagePrefix) // checkStages() looks at those
            && !std::filesystem::exists(std::filesystem::path(folder) / "adapter_config.json"))
            add(field, folder + " holds no adapter.",
                "Choose a folder with adapter_config.json in it.");
    }

    Placed check(std::size_t index)
    {
        const AdaptationChoice& choice = m_experiment.adaptations[index];
        const std::string prefix = fieldOf(index);
        if (!(choice.rate > 0.0) || choice.rate > 1e6)
            add(prefix + "rate", "Has to be above 0.", "1 means the optimiser's learning rate.");
        if (!choice.from.empty()) {
            checkFolder(prefix + "from", choice.from);
            return {};
        }
        const Adaptation* method = nullptr;
        try {
            method = &adaptations().at(choice.method);
        } catch (const Error& error) {
            add(prefix + "method", error.what(), error.hint());
            return {};
        }
        const Problems values = checkValues(method->params, choice.settings, prefix + "settings.");
        m_problems.insert(m_problems.end(), values.begin(), values.end());
        if (m_sites.empty())
            return {};
        try {
            const SiteSelection selection = selectionOf(choice, *method, m_sites);
            if (!blocks(values))
                for (Problem problem : method->check(m_sites, selection, choice.settings)) {
                    problem.field = prefix + problem.field;
                    m_problems.push_back(std::move(problem));
                }
            return {method, selection};
        } catch (const Error& error) {
            add(prefix + "sites", error.what(), error.hint());
            return {};
        }
    }

    /// Changes of a layer lie over each other, but a weight can be trained by one method only, and
    /// only one can stand before the text.
    void checkPair(std::size_t earlier, std::size_t later)
    {
        const Placed& below = m_placed[earlier];
        const Placed& above = m_placed[later];
        if (below.method == nullptr || above.method == nullptr)
            return;
        for (const auto& [kind, layers] : above.selection) {
            const auto other = below.selection.find(kind);
            if (other == below.selection.end())
                continue;
            std::vector<std::int32_t> both;
            std::ranges::copy_if(layers, std::back_inserter(both), [&](std::int32_t layer) {
                return std::ranges::find(other->second, layer) != other->second.end();
            });
            const bool cannotShare = kind == SiteKind::Prompt
                || (below.method->takesWeights && above.method->takesWeights);
            if (both.empty() || !cannotShare)
                continue;
            add(fieldOf(later) + "sites." + siteId(kind),
                above.method->title + " and " + below.method->title + " cannot both sit at "
                    + siteId(kind)
                    + (kind == SiteKind::Prompt ? std::string() : " of layers " + layersText(both))
                    + ".",
                "Take one of them away there.");
        }
    }

    const Experiment& m_experiment;
    const std::vector<SiteInfo>& m_sites;
    std::vector<Placed> m_placed;
    Problems m_problems;
};

std::unique_ptr<Adapter>
attachOne(Model& model, const AdaptationChoice& choice, const AttachContext& context)
{
    if (!choice.from.empty())
        return attachAdapter(model, choice.from);
    const Adaptation& method = adaptations().at(choice.method);
    return method.attach(model, selectionOf(choice, method, model.sites()), choice.settings,
                         context);
}

/// What went before is released in the opposite order where a later one does not fit.
void releaseFromTop(std::vector<std::unique_ptr<Adapter>>& adapters)
{
    while (!adapters.empty())
        adapters.pop_back();
}

} // namespace

SiteSelection selectionOf(const AdaptationChoice& choice,
                          const Adaptation& method,
                          const std::vector<SiteInfo>& sites)
{
    SiteSelection selection;
    if (choice.sites.empty()) {
        for (const SiteInfo& info : sites)
            if (std::ranges::find(method.defaultSites, info.site.kind) != method.defaultSites.end())
                selection[info.site.kind].push_back(info.site.layer);
        return selection;
    }
    for (const auto& [site, layers] : choice.sites)
        if (!trimmed(layers).empty())
            selection[siteFrom(site)] = layersFrom(layers);
    return selection;
}

Problems checkAdaptations(const Experiment& experiment, const std::vector<SiteInfo>& sites)
{
    return Checker(experiment, sites).run();
}

AttachedMethods::~AttachedMethods()
{
    trained.reset();
    releaseFromTop(frozen);
}

AttachedMethods attachMethods(Model& model,
                              const Experiment& experiment,
                              const std::vector<PackedInput>& calibration)
{
    AttachedMethods all;
    for (const std::string& folder : experiment.adapters) {
        all.frozen.push_back(attachAdapter(model, folder));
        for (const auto& [name, tensor] : all.frozen.back()->parameters())
            tensor.detach_().requires_grad_(false);
    }
    RandomStream random(static_cast<std::uint64_t>(experiment.seed), "adaptation");
    std::vector<std::unique_ptr<Adapter>> parts;
    try {
        for (const AdaptationChoice& choice : experiment.adaptations) {
            parts.push_back(attachOne(model, choice, {random, calibration}));
            for (Treatment treatment : parts.back()->treatments()) {
                treatment.rate *= choice.rate;
                all.treatments.push_back(treatment);
            }
        }
    } catch (...) {
        releaseFromTop(parts);
        throw;
    }
    std::unique_ptr<Adapter> methods = parts.empty() ? nullptr : together(std::move(parts));
    std::unique_ptr<Adapter> head =
        hasLabels(model.config().task) ? attachTaskHead(model) : nullptr;
    if (head != nullptr)
        all.treatments.resize(all.treatments.size() + head->parameters().size());
    all.trained = withTaskHead(std::move(methods), std::move(head));
    if (all.trained == nullptr)
        throw Error("Nothing is trained: the experiment has no adaptation.",
                    "Choose a method, for example LoRA.");
    return all;
}

} // namespace tw
