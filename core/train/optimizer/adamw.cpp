// SPDX-License-Identifier: Apache-2.0
// AdamW (Loshchilov and Hutter 2019) with PyTorch's conventions:
//   p -= lr * decay * p
//   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2
//   p -= lr / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon)

#include "core/base/error.h"
#include "core/base/translate.h"
#include "core/train/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace tw {
namespace {

struct AdamwOptions
{
    double learningRate = 2e-4;
    double weightDecay = 0.01;
    double clipNorm = 1.0;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
};

ParamTable<AdamwOptions> params()
{
    ParamTable<AdamwOptions> table;
    table
        .add(&AdamwOptions::learningRate, "learningRate",
             QT_TRANSLATE_NOOP("adamw", "Learning rate"))
        .help(QT_TRANSLATE_NOOP(
            "adamw",
            "How far one step goes. Too high and the loss jumps, too low and nothing is learned."))
        .range(0, 1)
        .source("our choice for LoRA");
    table.add(&AdamwOptions::weightDecay, "weightDecay", QT_TRANSLATE_NOOP("adamw", "Weight decay"))
        .help(QT_TRANSLATE_NOOP("adamw",
                                "Pulls the trained weights towards 0 by this share of the learning "
                                "rate in every step."))
        .range(0, 1)
        .source("PyTorch's default")
        .advanced();
    table
        .add(&AdamwOptions::clipNorm, "clipNorm",
             QT_TRANSLATE_NOOP("adamw", "Largest gradient norm"))
        .help(QT_TRANSLATE_NOOP("adamw",
                                "A longer gradient is cut to this length, so that one odd batch "
                                "cannot spoil the run. 0: never."))
        .range(0, 1000)
        .source("default of the Transformers Trainer")
        .advanced();
    table.add(&AdamwOptions::beta1, "beta1", QT_TRANSLATE_NOOP("adamw", "Beta 1"))
        .help(QT_TRANSLATE_NOOP("adamw", "How long the running mean of the gradients remembers."))
        .range(0, 0.9999)
        .source("PyTorch's default")
        .advanced();
    table.add(&AdamwOptions::beta2, "beta2", QT_TRANSLATE_NOOP("adamw", "Beta 2"))
        .help(QT_TRANSLATE_NOOP("adamw",
                                "How long the running mean of the squared gradients remembers."))
        .range(0, 0.99999)
        .source("PyTorch's default")
        .advanced();
    table.add(&AdamwOptions::epsilon, "epsilon", QT_TRANSLATE_NOOP("adamw", "Epsilon"))
        .help(QT_TRANSLATE_NOOP("adamw",
                                "Keeps the division from blowing up where gradients are tiny."))
        .range(1e-12, 0.1)
        .source("PyTorch's default")
        .advanced();
    return table;
}

class Adamw final : public Optimizer
{
public:
    Adamw(NamedTensors parameters, AdamwOptions options)
        : m_parameters(std::move(parameters))
        , m_options(options)
    {
        for (const auto& [name, parameter] : m_parameters) {
            m_mean.push_back(at::zeros_like(parameter.detach()));
            m_square.push_back(at::zeros_like(parameter.detach()));
            m_step.push_back(at::zeros({}, at::kFloat));
        }
    }

    void treat(const std::vector<Treatment>& each) override { m_treatments = each; }

    void step(double learningRate) override
    {
        const at::NoGradGuard noGrad;
        std::vector<std::pair<Treatment, Group>> groups;
        for (std::size_t i = 0; i < m_parameters.size(); ++i)
            if (m_parameters[i].second.grad().defined())
                add(i, groupOf(i, groups));
        for (auto& [treatment, group] : groups)
            at::_fused_adamw_(group.parameters, group.gradients, group.means, group.squares, {},
                              group.steps, learningRate * treatment.rate, m_options.beta1,
                              m_options.beta2, treatment.decays ? m_options.weightDecay : 0.0,
                              m_options.epsilon, /*amsgrad=*/false, /*maximize=*/false);
    }

    double learningRate() const override { return m_options.learningRate; }
    double largestGradientNorm() const override { return m_options.clipNorm; }

    NamedTensors state() const override
    {
        NamedTensors all;
        for (std::size_t i = 0; i < m_parameters.size(); ++i) {
            all.emplace_back("exp_avg." + m_parameters[i].first, m_mean[i]);
            all.emplace_back("exp_avg_sq." + m_parameters[i].first, m_square[i]);
            all.emplace_back("step." + m_parameters[i].first, m_step[i]);
        }
        return all;
    }

    void restore(const TensorFile& stored) override
    {
        const NamedTensors own = state();
        std::vector<at::Tensor> read; // all of them before the first is changed
        for (const auto& [name, tensor] : own) {
            const TensorInfo* info = stored.find(name);
            if (info == nullptr || info->shape != tensor.sizes().vec())
                throw Error(
                    "The optimiser's state in the checkpoint does not belong to this adapter ("
                        + name + ").",
                    "Resume with the experiment that wrote the checkpoint.");
            read.push_back(stored.readFloat(name));
        }
        for (std::size_t i = 0; i < own.size(); ++i)
            own[i].second.copy_(read[i]);
    }

private:
    /// What is treated alike in a step, as LibTorch's fused step takes it.
    struct Group
    {
        std::vector<at::Tensor> parameters;
        std::vector<at::Tensor> gradients;
        std::vector<at::Tensor> means;
        std::vector<at::Tensor> squares;
        std::vector<at::Tensor> steps;
    };

    Group& groupOf(std::size_t i, std::vector<std::pair<Treatment, Group>>& groups) const
    {
        const Treatment wanted = m_treatments.empty() ? Treatment {} : m_treatments.at(i);
        const auto found = std::ranges::find(groups, wanted, &std::pair<Treatment, Group>::first);
        return found != groups.end() ? found->second : groups.emplace_back(wanted, Group {}).second;
    }

    void add(std::size_t i, Group& group)
    {
        group.parameters.push_back(m_parameters[i].second);
        group.gradients.push_back(m_parameters[i].second.grad());
        group.means.push_back(m_mean[i]);
        group.squares.push_back(m_square[i]);
        group.steps.push_back(m_step[i].add_(1));
    }

    NamedTensors m_parameters;
    AdamwOptions m_options;
    std::vector<Treatment> m_treatments; ///< in the order of m_parameters; empty: all alike
    std::vector<at::Tensor> m_mean; ///< of the gradients; in the order of m_parameters
    std::vector<at::Tensor> m_square;
    std::vector<at::Tensor> m_step; ///< float scalars: LibTorch's fused step wants them so
};

} // namespace

void registerAdamw(Registry<OptimizerMethod>& registry)
{
    registry.add(
        {"adamw", QT_TRANSLATE_NOOP("adamw", "AdamW"),
         QT_TRANSLATE_NOOP(
             "adamw",
             "The usual choice: every weight has its own step size, and weights decay a little."),
         params().specs(),
         [](const NamedTensors& parameters, const ParamValues& values) {
             return std::make_unique<Adamw>(parameters, params().read(values));
         },
         8.0});
}

} // namespace tw
