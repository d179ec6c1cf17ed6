// SPDX-License-Identifier: Apache-2.0
// AdaLoRA (Zhang et al. 2023): delta = scale P diag(E) Q, of which training kept some of the first
// init_r ranks. Trained further it keeps those that it has, and the penalty.

#include "core/adaptation/adalora_budget.h"
#include "core/adaptation/readers/registry.h"
#include "core/base/error.h"
#include "core/base/translate.h"

namespace tw {
namespace {

/// How many ranks of a module were kept: rank_pattern lists a flag for each of the first ones.
std::int64_t keptRank(const Json& config, const std::string& module, std::int64_t first)
{
    const auto patterns = config.find("rank_pattern");
    if (patterns == config.end() || !patterns->is_object())
        return first;
    const auto flags = patterns->find(module + ".lora_E");
    if (flags == patterns->end())
        return first;
    bool isGood = flags->is_array() && static_cast<std::int64_t>(flags->size()) == first;
    std::int64_t kept = 0;
    for (const Json& flag : *flags) {
        isGood = isGood && flag.is_boolean();
        kept += isGood && flag.get<bool>() ? 1 : 0;
    }
    if (!isGood)
        throw Error(std::string(kPeftConfigFile) + ": rank_pattern." + module
                        + ".lora_E has to be a list of " + std::to_string(first)
                        + " flags, one for each rank.",
                    "Write the adapter again.");
    return kept;
}

AdaloraSchedule scheduleOf(const Json& config)
{
    AdaloraSchedule schedule;
    schedule.targetRank = peftInteger(config, "target_r", schedule.targetRank);
    schedule.firstSteps = peftInteger(config, "tinit", schedule.firstSteps);
    schedule.lastSteps = peftInteger(config, "tfinal", schedule.lastSteps);
    schedule.every = peftInteger(config, "deltaT", schedule.every);
    schedule.sensitivityMemory = peftNumber(config, "beta1", schedule.sensitivityMemory);
    schedule.uncertaintyMemory = peftNumber(config, "beta2", schedule.uncertaintyMemory);
    schedule.orthogonality = peftNumber(config, "orth_reg_weight", schedule.orthogonality);
    if (schedule.every < 1 || schedule.targetRank < 0 || schedule.firstSteps < 0
        || schedule.lastSteps < 0)
        throw Error(
            std::string(kPeftConfigFile)
                + ": deltaT has to be at least 1, and target_r, tinit and tfinal at least 0.",
            "Write the adapter again.");
    return schedule;
}

AdapterParts read(PeftReader& reader)
{
    const Json& config = reader.config();
    const std::int64_t first = peftInteger(config, "init_r", 12);
    if (first < 1)
        throw Error(std::string(kPeftConfigFile) + ": init_r is " + std::to_string(first)
                        + ", but a rank is at least 1.",
                    "Write the adapter again.");
    const double alpha = peftNumber(config, "lora_alpha", 8);
    const double dropout = peftNumber(config, "lora_dropout", 0);
    AdapterParts parts;
    std::vector<AdaloraLayer> layers;
    for (const SiteInfo& info : reader.targets({SiteKind::Head})) {
        const std::int64_t rank = keptRank(config, info.module, first);
        const auto tensor = [&](const char* name, const std::vector<std::int64_t>& shape) {
            return reader.tensor(peftName(info.module, name), shape);
        };
        const auto delta = std::make_shared<AdaloraDelta>(
            tensor("lora_A", {rank, info.in}), tensor("lora_E", {rank, 1}),
            tensor("lora_B", {info.out, rank}), adaloraScale(alpha, first, rank), dropout);
        parts.changes.push_back({info, delta});
        layers.push_back({info.module, delta});
    }
    const auto budget = std::make_shared<AdaloraBudget>(scheduleOf(config), std::move(layers));
    parts.penalty = [budget] { return budget->penalty(); };
    return parts;
}

} // namespace

void registerAdalora(Registry<AdapterReader>& registry)
{
    registry.add({"adalora",
                  QT_TRANSLATE_NOOP("adapter", "AdaLoRA"),
                  "ADALORA",
                  {"init_r", "r", "target_r", "lora_alpha", "lora_dropout", "rank_pattern",
                   "init_lora_weights", "beta1", "beta2", "deltaT", "orth_reg_weight", "tinit",
                   "tfinal", "total_step"},
                  read});
}

} // namespace tw
