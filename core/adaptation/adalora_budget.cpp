// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/adalora_budget.h"

#include "core/adaptation/peft_config.h"
#include "core/base/error.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace tw {
namespace {

at::Tensor distanceFromOrthogonal(const at::Tensor& square)
{
    return at::norm(square - at::eye(square.size(0), square.options()));
}

} // namespace

std::int64_t adaloraBudget(const AdaloraSchedule& schedule,
                           std::int64_t allRanks,
                           std::int64_t targetRanks,
                           std::int64_t step,
                           std::int64_t steps)
{
    if (step <= schedule.firstSteps)
        return allRanks;
    const std::int64_t last = steps - schedule.lastSteps;
    if (step > last)
        return targetRanks;
    const double left = 1.0
        - static_cast<double>(step - schedule.firstSteps)
            / static_cast<double>(last - schedule.firstSteps);
    const auto above = static_cast<double>(allRanks - targetRanks);
    return static_cast<std::int64_t>(above * std::pow(left, 3) + static_cast<double>(targetRanks));
}

AdaloraBudget::AdaloraBudget(AdaloraSchedule schedule, std::vector<AdaloraLayer> layers)
    : m_schedule(schedule)
    , m_layers(std::move(layers))
    , m_progress(at::zeros({2}, at::kDouble))
{
    const auto zeros = [](const at::Tensor& like) {
        return Averages {at::zeros_like(like.detach()), at::zeros_like(like.detach())};
    };
    for (const AdaloraLayer& layer : m_layers)
        m_memory.push_back({zeros(layer.delta->Q()), zeros(layer.delta->E()),
                            zeros(layer.delta->P()), at::ones({layer.delta->Q().size(0)})});
}

at::Tensor AdaloraBudget::penalty() const
{
    if (m_schedule.orthogonality == 0.0 || m_layers.empty())
        return {};
    at::Tensor sum;
    for (const AdaloraLayer& layer : m_layers) {
        const at::Tensor& Q = layer.delta->Q();
        const at::Tensor& P = layer.delta->P();
        if (Q.size(0) == 0)
            continue; // it counts in the mean all the same
        const at::Tensor own =
            distanceFromOrthogonal(Q.matmul(Q.t())) + distanceFromOrthogonal(P.t().matmul(P));
        sum = sum.defined() ? sum + own : own;
    }
    const double matrices = 2.0 * static_cast<double>(m_layers.size());
    return sum.defined() ? sum * (m_schedule.orthogonality / matrices) : sum;
}

void AdaloraBudget::check(const TrainingMoment& moment) const
{
    if (m_schedule.firstSteps < moment.steps - m_schedule.lastSteps)
        return;
    throw Error("AdaLoRA has no step left to choose ranks in: of " + std::to_string(moment.steps)
                    + " steps, the first " + std::to_string(m_schedule.firstSteps)
                    + " and the last " + std::to_string(m_schedule.lastSteps)
                    + " leave them as they are.",
                "Train longer, or let fewer steps leave the ranks alone.");
}

void AdaloraBudget::update(const TrainingMoment& moment)
{
    const at::NoGradGuard noGrad;
    m_progress[0].fill_(static_cast<double>(moment.steps));
    const std::int64_t last = moment.steps - m_schedule.lastSteps;
    if (moment.step > last) {
        silence();
        return;
    }
    if (moment.step < last)
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            follow(m_memory[i].Q, m_layers[i].delta->Q());
            follow(m_memory[i].E, m_layers[i].delta->E());
            follow(m_memory[i].P, m_layers[i].delta->P());
        }
    const bool isTime = moment.step > m_schedule.firstSteps && moment.step % m_schedule.every == 0;
    if (!isTime && moment.step < last)
        return;
    std::int64_t all = 0;
    for (const AdaloraLayer& layer : m_layers)
        all += layer.delta->Q().size(0);
    const auto target = m_schedule.targetRank * static_cast<std::int64_t>(m_layers.size());
    decide(all - adaloraBudget(m_schedule, all, target, moment.step, moment.steps));
}

void AdaloraBudget::follow(Averages& averages, const at::Tensor& parameter) const
{
    const at::Tensor now = parameter.grad().defined() ? (parameter * parameter.grad()).abs()
                                                      : at::zeros_like(parameter);
    averages.importance.mul_(m_schedule.sensitivityMemory)
        .add_(now * (1.0 - m_schedule.sensitivityMemory));
    averages.uncertainty.mul_(m_schedule.uncertaintyMemory)
        .add_((now - averages.importance).abs() * (1.0 - m_schedule.uncertaintyMemory));
}

at::Tensor AdaloraBudget::scores(std::size_t layer) const
{
    const Memory& memory = m_memory[layer];
    return memory.E.score().view({-1}) + memory.Q.score().mean(1) + memory.P.score().mean(0);
}

void AdaloraBudget::decide(std::int64_t tooMany)
{
    std::vector<at::Tensor> all;
    for (std::size_t i = 0; i < m_layers.size(); ++i)
        all.push_back(scores(i));
    if (tooMany > 0) {
        const double threshold = std::get<0>(at::kthvalue(at::cat(all), tooMany)).item<double>();
        for (std::size_t i = 0; i < all.size(); ++i)
            m_memory[i].kept.copy_(all[i] > threshold);
    }
    m_progress[1].fill_(1.0);
    silence();
}

void AdaloraBudget::silence()
{
    for (std::size_t i = 0; i < m_layers.size(); ++i)
        m_layers[i].delta->E().detach().mul_(m_memory[i].kept.unsqueeze(1));
}

bool AdaloraBudget::isDecided() const
{
    return m_progress[1].item<double>() > 0.0;
}

std::int64_t AdaloraBudget::steps() const
{
    return static_cast<std::int64_t>(m_progress[0].item<double>());
}

std::vector<bool> AdaloraBudget::kept(std::size_t layer) const
{
    std::vector<bool> flags;
    for (std::int64_t i = 0; i < m_layers[layer].delta->Q().size(0); ++i)
        flags.push_back(m_memory[layer].kept[i].item<double>() > 0.0);
    return flags;
}

NamedTensors AdaloraBudget::written() const
{
    NamedTensors all;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const AdaloraDelta& delta = *m_layers[i].delta;
        const at::Tensor ranks = at::nonzero(m_memory[i].kept).view({-1});
        const std::string prefix = m_layers[i].module + ".";
        all.emplace_back(prefix + "lora_A", delta.Q().detach().index_select(0, ranks));
        all.emplace_back(prefix + "lora_B", delta.P().detach().index_select(1, ranks));
        all.emplace_back(prefix + "lora_E", delta.E().detach().index_select(0, ranks));
    }
    return all;
}

std::string AdaloraBudget::withRanks(const std::string& text) const
{
    Json config = parsePeftConfig(text);
    if (steps() > 0)
        config["total_step"] = steps();
    if (!isDecided())
        return config.dump(2);
    Json& pattern = config["rank_pattern"] = Json::object();
    for (std::size_t i = 0; i < m_layers.size(); ++i)
        pattern[m_layers[i].module + ".lora_E"] = kept(i);
    return config.dump(2);
}

NamedTensors AdaloraBudget::state() const
{
    NamedTensors all {{"adalora.progress", m_progress}};
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const auto add = [&](const char* name, const Averages& averages) {
            all.emplace_back(m_layers[i].module + "." + name + ".importance", averages.importance);
            all.emplace_back(m_layers[i].module + "." + name + ".uncertainty",
                             averages.uncertainty);
        };
        add("lora_A", m_memory[i].Q);
        add("lora_E", m_memory[i].E);
        add("lora_B", m_memory[i].P);
        all.emplace_back(m_layers[i].module + ".kept", m_memory[i].kept);
    }
    return all;
}

void addBudget(AdapterParts& parts, const std::shared_ptr<AdaloraBudget>& budget)
{
    parts.penalty = [budget] { return budget->penalty(); };
    parts.beforeUpdate = [budget](const TrainingMoment& moment) { budget->check(moment); };
    parts.afterUpdate = [budget](const TrainingMoment& moment) { budget->update(moment); };
    parts.written = [budget] { return budget->written(); };
    parts.state = budget->state();
}

} // namespace tw
