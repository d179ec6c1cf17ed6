// SPDX-License-Identifier: Apache-2.0
// LoHa (Hyeon-Woo et al. 2022, FedPara): y = W x + s ((A1 B1) * (A2 B2)) x with W frozen, * entry
// by entry: a change of rank r^2 from factors of rank r. s = alpha / rank. B2 starts at 0.

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/loha_delta.h"
#include "core/adaptation/lycoris_settings.h"
#include "core/adaptation/peft_writer.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/start_values.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct LohaOptions : LycorisOptions
{
};

ParamTable<LohaOptions> params()
{
    ParamTable<LohaOptions> table;
    addLycorisParams(table);
    return table;
}

std::shared_ptr<const LinearChange>
freshDelta(const SiteInfo& info, const LohaOptions& options, RandomStream& random)
{
    at::Tensor A1 = kaimingUniform(info.out, options.rank, random);
    at::Tensor B1 = kaimingUniform(options.rank, info.in, random);
    at::Tensor A2 = kaimingUniform(info.out, options.rank, random);
    at::Tensor B2 = at::zeros({options.rank, info.in});
    return std::make_shared<LohaDelta>(
        std::array {A1, B1, A2, B2}, options.scale(),
        LycorisDropout {options.rankDropout, options.moduleDropout, true});
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const LohaOptions options = params().read(values);
    const auto chosen = chosenSites(model.sites(), selection);
    AdapterParts parts;
    for (const SiteInfo& info : chosen)
        parts.changes.push_back({info, freshDelta(info, options, context.random)});
    return attachParts(model, std::move(parts),
                       peftConfigWriter("LOHA", lycorisKeys(options), chosen, model));
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    const std::int64_t rank = params().read(values).rank;
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen)
        count += 2 * rank * (info.in + info.out);
    return count;
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    Problems problems = checkSelection("LoHa", linearSites(), sites, selection);
    const Problems ofRank = checkRank(params().read(values).rank, chosenSites(sites, selection));
    problems.insert(problems.end(), ofRank.begin(), ofRank.end());
    return problems;
}

} // namespace

void registerLoha(Registry<Adaptation>& registry)
{
    Adaptation loha;
    loha.id = "loha";
    loha.title = QT_TRANSLATE_NOOP("loha", "LoHa");
    loha.summary = QT_TRANSLATE_NOOP(
        "loha",
        "Adds the product, number by number, of two low-rank updates: it reaches a much higher "
        "rank than LoRA with twice its numbers.");
    loha.traits = {Trait::Merges};
    loha.paper = "Hyeon-Woo et al. 2022, FedPara: Low-Rank Hadamard Product for "
                 "Communication-Efficient Federated Learning";
    loha.siteKinds = linearSites();
    loha.defaultSites = queriesAndValues();
    loha.params = params().specs();
    loha.parameterCount = parameterCount;
    loha.check = check;
    loha.attach = attach;
    registry.add(std::move(loha));
}

} // namespace tw
