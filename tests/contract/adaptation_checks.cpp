// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/adaptation_checks.h"

#include "core/adaptation/merge.h"
#include "core/adaptation/registry.h"
#include "core/adaptation/site_check.h"
#include "tests/contract/tiny_models.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <filesystem>
#include <optional>
#include <unistd.h>

namespace tw {
namespace {

/// A method on a model of one family, wherever it can sit there.
struct Case
{
    const Adaptation& method;
    const TinyModel& tiny;
};

at::Tensor answerOf(const Model& model)
{
    const at::NoGradGuard noGrad;
    return answer(model);
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

/// The sites of the model where the method can sit, in every layer.
SiteSelection possibleSites(const Adaptation& method, const Model& model)
{
    SiteSelection selection;
    for (const auto& info : model.sites())
        for (const SiteKind kind : method.siteKinds)
            if (info.site.kind == kind)
                selection[kind].push_back(info.site.layer);
    return selection;
}

/// What a person would be told before anything is attached; empty where the method works there.
std::string whyNot(const Case& on, const Model& model)
{
    for (const Problem& problem :
         on.method.check(model.sites(), possibleSites(on.method, model), {}))
        if (!problem.isWarning)
            return problem.what;
    return {};
}

struct Attached
{
    std::shared_ptr<Model> model;
    std::unique_ptr<Adapter> adapter; ///< goes before its model
    at::Tensor base;
    std::string whyNot; ///< the method refuses this family, and says so
};

Attached fresh(const Case& on)
{
    Attached all;
    all.model = load(on.tiny);
    all.base = answerOf(*all.model);
    all.whyNot = whyNot(on, *all.model);
    if (!all.whyNot.empty())
        return all;
    RandomStream random(5, "contract");
    AttachContext context {random, {}};
    const at::Tensor ids = at::arange(3, 30, 2, at::kLong);
    context.calibration.push_back({ids, at::arange(ids.size(0)), {0, ids.size(0)}});
    all.adapter = on.method.attach(*all.model, possibleSites(on.method, *all.model), {}, context);
    return all;
}

/// Moves every parameter a little, as training would.
void stir(const Adapter& adapter)
{
    for (const auto& [name, tensor] : adapter.parameters())
        tensor.detach().add_(at::linspace(-0.05, 0.04, tensor.numel()).view_as(tensor));
}

std::string aFreshAdapterChangesNothing(const Case& on)
{
    const Attached all = fresh(on);
    if (!all.adapter || !on.method.freshDiffers.empty())
        return {};
    const double scale = std::max(1.0, all.base.abs().max().item<double>());
    const double difference = largestDifference(answerOf(*all.model), all.base) / scale;
    return difference <= 1e-5 ? "" : "the answer differs by " + std::to_string(difference);
}

std::string aDisabledAdapterChangesNothing(const Case& on)
{
    const Attached all = fresh(on);
    if (!all.adapter)
        return {};
    stir(*all.adapter);
    if (at::equal(answerOf(*all.model), all.base))
        return "it changes nothing even when it is enabled";
    all.adapter->setEnabled(false);
    return at::equal(answerOf(*all.model), all.base) ? "" : "the disabled adapter is still felt";
}

std::string aReleasedAdapterLeavesTheBase(const Case& on)
{
    Attached all = fresh(on);
    if (!all.adapter)
        return {};
    stir(*all.adapter);
    all.adapter.reset();
    return at::equal(answerOf(*all.model), all.base) ? "" : "the base is not what it was";
}

std::string onlyItsOwnTensorsGetGradients(const Case& on)
{
    const Attached all = fresh(on);
    if (!all.adapter)
        return {};
    stir(*all.adapter);
    answer(*all.model).square().sum().backward();
    const NamedTensors own = all.adapter->parameters();
    for (const auto& [name, tensor] : own)
        if (!tensor.grad().defined())
            return name + " gets no gradient";
    for (const auto& [name, tensor] : all.model->weights()) {
        const bool isOwn = std::ranges::any_of(
            own, [&tensor = tensor](const auto& item) { return item.second.is_same(tensor); });
        if (!isOwn && tensor.grad().defined())
            return "the frozen weight " + name + " gets a gradient";
    }
    return {};
}

std::string mergedEqualsUnmerged(const Case& on)
{
    const Attached all = fresh(on);
    if (!all.adapter)
        return {};
    stir(*all.adapter);
    const at::Tensor unmerged = answerOf(*all.model);
    std::optional<NamedTensors> weights;
    try {
        weights = mergedWeights(*all.model);
    } catch (const Error& error) { // a family may have no weight for it; it is said in words
        return std::string(error.what()).empty() || error.hint().empty() ? "it does not say why"
                                                                         : "";
    }
    const double scale = std::max(1.0, unmerged.abs().max().item<double>());
    const double difference =
        largestDifference(answerOf(*rebuilt(on.tiny, *weights)), unmerged) / scale;
    return difference <= 1e-5
        ? ""
        : "the answer differs by " + std::to_string(difference) + " of its largest number";
}

std::string filesComeBackAsTheyWere(const Case& on)
{
    Attached all = fresh(on);
    if (!all.adapter)
        return {};
    stir(*all.adapter);
    const at::Tensor before = answerOf(*all.model);
    const auto folder = std::filesystem::temp_directory_path()
        / ("tw_contract_" + on.method.id + std::to_string(getpid()));
    writeAdapter(*all.adapter, "tiny", folder);
    const bool isWrittenOtherwise = !all.adapter->written().empty();
    NamedTensors own;
    for (const auto& [name, tensor] : all.adapter->parameters())
        own.emplace_back(name, tensor.detach().clone());
    all.adapter.reset();
    const auto read = attachAdapter(*all.model, folder);
    std::filesystem::remove_all(folder);
    if (const double difference = largestDifference(answerOf(*all.model), before);
        difference > (isWrittenOtherwise ? 1e-4 : 0.0))
        return "the answer came back changed by " + std::to_string(difference);
    if (isWrittenOtherwise)
        return {};
    const NamedTensors after = read->parameters();
    if (after.size() != own.size())
        return "another number of tensors came back";
    for (std::size_t i = 0; i < after.size(); ++i)
        if (after[i].first != own[i].first || !at::equal(after[i].second, own[i].second))
            return after[i].first + " came back changed";
    return {};
}

std::string countedParametersAreThoseOfTheTensors(const Case& on)
{
    const Attached all = fresh(on);
    if (!all.adapter)
        return {};
    const std::int64_t counted = on.method.parameterCount(
        chosenSites(all.model->sites(), possibleSites(on.method, *all.model)), {});
    std::int64_t there = 0;
    for (const auto& [name, tensor] : all.adapter->parameters())
        there += tensor.numel();
    return counted == there
        ? ""
        : std::to_string(counted) + " counted, " + std::to_string(there) + " there";
}

/// A method works on a family, or says in words why it does not.
std::string itsDefaultsAreInOrder(const Case& on)
{
    const auto model = load(on.tiny);
    SiteSelection selection;
    for (const auto& [kind, layers] : possibleSites(on.method, *model))
        if (std::find(on.method.defaultSites.begin(), on.method.defaultSites.end(), kind)
            != on.method.defaultSites.end())
            selection[kind] = layers;
    for (const Problem& problem : on.method.check(model->sites(), selection, {}))
        if (problem.what.empty() || problem.hint.empty())
            return problem.field + " is wrong without a reason or a way out";
    return {};
}

std::string itWorksOnLlamaAndGpt2(const Case& on)
{
    if (on.tiny.name != "Llama" && on.tiny.name != "GPT-2")
        return {};
    const std::string reason = whyNot(on, *load(on.tiny));
    const bool mayRefuse = on.method.id == "bitfit" && on.tiny.name == "Llama"; // it has no biases
    return reason.empty() || mayRefuse ? "" : reason;
}

} // namespace

Checks adaptationChecks()
{
    Checks checks;
    for (const auto& method : adaptations().all())
        for (const TinyModel& tiny : tinyModels()) {
            const auto add = [&](const char* name, std::string (*check)(const Case&)) {
                checks.push_back(
                    {method->id + " on " + tiny.name + ": " + name,
                     [check, &method = *method, &tiny] { return check({method, tiny}); }});
            };
            add("a fresh adapter changes nothing", aFreshAdapterChangesNothing);
            add("a disabled adapter changes nothing", aDisabledAdapterChangesNothing);
            add("a released adapter leaves the base", aReleasedAdapterLeavesTheBase);
            add("only its own tensors get gradients", onlyItsOwnTensorsGetGradients);
            if (method->has(Trait::Merges))
                add("merged equals unmerged", mergedEqualsUnmerged);
            add("files come back as they were", filesComeBackAsTheyWere);
            add("counted parameters are those of the tensors",
                countedParametersAreThoseOfTheTensors);
            add("its defaults are in order", itsDefaultsAreInOrder);
            add("it works on decoders", itWorksOnLlamaAndGpt2);
        }
    return checks;
}

} // namespace tw
