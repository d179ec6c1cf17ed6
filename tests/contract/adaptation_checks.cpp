// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/adaptation_checks.h"

#include "core/adaptation/registry.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

#include <filesystem>
#include <set>
#include <unistd.h>

namespace tw {
namespace {

const at::Tensor& someIds()
{
    static const at::Tensor ids = at::arange(3, 30, 2, at::kLong);
    return ids;
}

at::Tensor logitsOf(const Model& model)
{
    const at::NoGradGuard noGrad;
    return model.logits(model.hidden(oneRow(someIds())));
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

/// The linear sites of the model where the method can sit, in every layer.
SiteSelection possibleSites(const Adaptation& method, const Model& model)
{
    SiteSelection selection;
    for (const auto& info : model.sites())
        for (const SiteKind kind : method.siteKinds)
            if (info.site.kind == kind)
                selection[kind].push_back(info.site.layer);
    return selection;
}

std::unique_ptr<Adapter> fresh(const Adaptation& method, Model& model)
{
    RandomStream random(5, "contract");
    return method.attach(model, possibleSites(method, model), {}, random);
}

/// Moves every parameter a little, as training would.
void stir(const Adapter& adapter)
{
    for (const auto& [name, tensor] : adapter.parameters())
        tensor.detach().add_(at::linspace(-0.05, 0.04, tensor.numel()).view_as(tensor));
}

std::string aFreshAdapterChangesNothing(const Adaptation& method)
{
    const auto model = tinyModel();
    const at::Tensor base = logitsOf(*model);
    const auto adapter = fresh(method, *model);
    const double difference = largestDifference(logitsOf(*model), base);
    return difference <= 1e-6 ? "" : "logits differ by " + std::to_string(difference);
}

std::string aDisabledAdapterChangesNothing(const Adaptation& method)
{
    const auto model = tinyModel();
    const at::Tensor base = logitsOf(*model);
    const auto adapter = fresh(method, *model);
    stir(*adapter);
    if (at::equal(logitsOf(*model), base))
        return "it changes nothing even when it is enabled";
    adapter->setEnabled(false);
    return at::equal(logitsOf(*model), base) ? "" : "the disabled adapter is still felt";
}

std::string onlyItsOwnTensorsGetGradients(const Adaptation& method)
{
    const auto model = tinyModel();
    const auto adapter = fresh(method, *model);
    stir(*adapter);
    model->logits(model->hidden(oneRow(someIds()))).square().sum().backward();
    for (const auto& [name, tensor] : adapter->parameters())
        if (!tensor.grad().defined() || tensor.grad().abs().max().item<double>() == 0.0)
            return name + " gets no gradient";
    for (const auto& [name, tensor] : model->weights())
        if (tensor.grad().defined())
            return "the frozen weight " + name + " gets a gradient";
    return {};
}

std::string mergedEqualsUnmerged(const Adaptation& method)
{
    const auto model = tinyModel();
    auto adapter = fresh(method, *model);
    stir(*adapter);
    const at::Tensor unmerged = logitsOf(*model);
    std::vector<std::pair<Site, LinearWeights>> merged;
    for (const Site site : adapter->sites())
        merged.emplace_back(site, model->linear(site).merged());
    adapter.reset();
    for (const auto& [site, weights] : merged) {
        model->linear(site).weight = weights.weight.detach();
        model->linear(site).bias = weights.bias;
    }
    const double scale = std::max(1.0, unmerged.abs().max().item<double>());
    const double difference = largestDifference(logitsOf(*model), unmerged) / scale;
    return difference <= 1e-5
        ? ""
        : "logits differ by " + std::to_string(difference) + " of their largest";
}

std::string filesComeBackAsTheyWere(const Adaptation& method)
{
    const auto model = tinyModel();
    auto adapter = fresh(method, *model);
    stir(*adapter);
    const auto folder = std::filesystem::temp_directory_path()
        / ("tw_contract_" + method.id + std::to_string(getpid()));
    writeAdapter(*adapter, "tiny", folder);
    const std::string config = adapter->peftConfig("tiny");
    NamedTensors before;
    for (const auto& [name, tensor] : adapter->parameters())
        before.emplace_back(name, tensor.detach().clone());
    adapter.reset();
    const auto read = attachAdapter(*model, folder);
    std::filesystem::remove_all(folder);
    const NamedTensors after = read->parameters();
    if (after.size() != before.size())
        return "another number of tensors came back";
    for (std::size_t i = 0; i < after.size(); ++i)
        if (after[i].first != before[i].first || !at::equal(after[i].second, before[i].second))
            return after[i].first + " came back changed";
    return read->peftConfig("tiny") == config ? "" : "adapter_config.json came back changed";
}

std::string countedParametersAreThoseOfTheTensors(const Adaptation& method)
{
    const auto model = tinyModel();
    const auto adapter = fresh(method, *model);
    std::int64_t counted = 0;
    const auto sites = adapter->sites();
    for (const auto& info : model->sites())
        if (std::find(sites.begin(), sites.end(), info.site) != sites.end())
            counted += method.parameterCount(info, {});
    std::int64_t there = 0;
    for (const auto& [name, tensor] : adapter->parameters())
        there += tensor.numel();
    return counted == there
        ? ""
        : std::to_string(counted) + " counted, " + std::to_string(there) + " there";
}

std::string itsOwnDefaultsAreInOrder(const Adaptation& method)
{
    const auto model = tinyModel();
    SiteSelection selection;
    for (const auto& [kind, layers] : possibleSites(method, *model))
        if (std::find(method.defaultSites.begin(), method.defaultSites.end(), kind)
            != method.defaultSites.end())
            selection[kind] = layers;
    const Problems problems = method.check(model->sites(), selection, {});
    return problems.empty() ? "" : problems.front().field + ": " + problems.front().what;
}

} // namespace

Checks adaptationChecks()
{
    Checks checks;
    for (const auto& method : adaptations().all()) {
        const auto add = [&](const char* name, std::string (*check)(const Adaptation&)) {
            checks.push_back(
                {method->id + ": " + name, [check, &method = *method] { return check(method); }});
        };
        add("a fresh adapter changes nothing", aFreshAdapterChangesNothing);
        add("a disabled adapter changes nothing", aDisabledAdapterChangesNothing);
        add("only its own tensors get gradients", onlyItsOwnTensorsGetGradients);
        if (method->mergesIntoWeights)
            add("merged equals unmerged", mergedEqualsUnmerged);
        add("files come back as they were", filesComeBackAsTheyWere);
        add("counted parameters are those of the tensors", countedParametersAreThoseOfTheTensors);
        add("its own defaults are in order", itsOwnDefaultsAreInOrder);
    }
    return checks;
}

} // namespace tw
