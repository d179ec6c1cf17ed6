// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/core/train/lora_run.h"

#include <map>

namespace tw {

/// A few steps of a method on the tiny Llama, with the batches of a recorded run.
struct ShortTraining
{
    std::shared_ptr<Model> model = tinyModel();
    std::map<std::string, at::Tensor> before; ///< copies of the model's weights
    std::unique_ptr<Adapter> adapter;
    RecordedBatches batches;

    /// Nothing chosen: the method's own default sites.
    ShortTraining(const std::string& method,
                  const ParamValues& settings,
                  SiteSelection selection = {})
    {
        for (const auto& [name, weight] : model->weights())
            before[name] = weight.clone();
        const Adaptation& plugin = adaptations().at(method);
        if (selection.empty())
            for (const SiteInfo& info : model->sites())
                for (const SiteKind kind : plugin.defaultSites)
                    if (info.site.kind == kind)
                        selection[kind].push_back(info.site.layer);
        RandomStream random(7, "adapter");
        adapter = plugin.attach(*model, selection, settings, {random});
    }

    double run(std::int64_t steps, double learningRate = 1e-2)
    {
        const auto optimizer = optimizers().at("adamw").make(
            adapter->parameters(), {{"learningRate", learningRate}, {"weightDecay", 0.1}});
        optimizer->treat(adapter->treatments());
        const TrainingParts parts {*model, *adapter,   objectives().at("supervised"),
                                   {},     *optimizer, schedules().at("constant"),
                                   {},     batches};
        TrainingPlan plan;
        plan.steps = steps;
        JobControl control;
        return train(parts, plan, {}, control).lastLoss;
    }

    /// Mean over all the batches.
    double loss() const
    {
        JobControl control;
        return heldOutLoss(*model, objectives().at("supervised"), {}, batches, control).mean();
    }

    /// Whether the model computes with other values of this weight than before.
    bool hasChanged(const std::string& name) const
    {
        for (const auto& [own, tensor] : adapter->parameters())
            if (own == name)
                return !at::equal(tensor, before.at(name));
        return false;
    }
};

} // namespace tw
