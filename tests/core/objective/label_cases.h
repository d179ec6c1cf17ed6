// SPDX-License-Identifier: Apache-2.0
#pragma once

// Losses and gradients of Transformers' classes, as tests/fixtures/objective/make_label_losses.py
// stored them.
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/objective/registry.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <set>

namespace tw {

struct LabelCase
{
    std::filesystem::path model;
    ParamValues settings;
    Batch batch;
    double loss = 0.0;
    /// Of each parameter's gradient the norm, and its sum with the weights cos(i).
    std::map<std::string, std::pair<double, double>> gradients;
};

/// The sound of a row, by the formula of the script.
inline std::vector<float> waveOf(std::size_t row, std::int64_t samples)
{
    const at::Tensor i = at::arange(samples, at::kDouble);
    const at::Tensor wave = at::sin(i * 0.05 * static_cast<double>(row + 1)) * at::cos(i * 0.003);
    const at::Tensor values = wave.to(at::kFloat).contiguous();
    return {values.const_data_ptr<float>(), values.const_data_ptr<float>() + samples};
}

inline Batch batchOf(const Json& stored)
{
    std::vector<TokenizedRow> rows;
    for (const Json& ids : stored.at("rows")) {
        TokenizedRow row;
        row.ids = ids.get<std::vector<std::int64_t>>();
        row.isTrained.assign(row.ids.size(), 0);
        if (stored.contains("samples"))
            row.sound = waveOf(rows.size(), stored.at("samples").at(rows.size()));
        else if (stored.at("objective") == "token_classification")
            row.tokenLabels = stored.at("labels").at(rows.size()).get<std::vector<std::int64_t>>();
        else if (const Json& label = stored.at("labels").at(rows.size()); label.is_array())
            row.labels = label.get<std::vector<double>>();
        else
            row.labels = {label.get<double>()};
        rows.push_back(std::move(row));
    }
    std::vector<const TokenizedRow*> all;
    for (const TokenizedRow& row : rows)
        all.push_back(&row);
    return packRows(all);
}

inline ParamValues settingsOf(const Json& stored)
{
    ParamValues settings;
    for (const auto& [key, value] : stored.items())
        settings[key] = value.is_boolean() ? ParamValue(value.get<bool>())
                                           : ParamValue(value.get<std::string>());
    return settings;
}

/// The cases of an objective by their name.
inline std::map<std::string, LabelCase> labelCases(const std::string& objective)
{
    const std::filesystem::path fixtures = TW_FIXTURES;
    const Json all = Json::parse(readFile(fixtures / "objective/label_losses.json", 1 << 20));
    std::map<std::string, LabelCase> cases;
    for (const auto& [name, stored] : all.items())
        if (stored.at("objective") == objective)
            cases[name] = {fixtures / "model/families" / stored.at("model").get<std::string>(),
                           settingsOf(stored.at("settings")), batchOf(stored),
                           stored.at("loss").get<double>(),
                           stored.at("gradients")
                               .get<std::map<std::string, std::pair<double, double>>>()};
    return cases;
}

inline std::shared_ptr<Model> loaded(const std::filesystem::path& folder)
{
    JobControl control;
    return loadModel(openModelSource(folder), control);
}

/// How far a float32 gradient may be from the definition's: a share of its norm, and of the largest
/// of all, which is what rounding leaves of gradients that cancel to nothing.
constexpr double kOfItself = 2e-4;
constexpr double kOfTheLargest = 1e-6;

/// All parameters of a model as leaves, as they are stored; GPT-2's linear layers compute with
/// transposed views of that.
inline NamedTensors leavesOf(Model& model, std::set<std::string>& transposed)
{
    NamedTensors leaves = model.weights();
    if (model.config().storesTransposed)
        for (const SiteInfo& info : model.sites())
            for (auto& [name, tensor] : leaves)
                if (info.isLinear && name == info.module + ".weight") {
                    tensor = model.linear(info.site).weight;
                    transposed.insert(name);
                }
    for (const auto& [name, tensor] : leaves)
        tensor.requires_grad_();
    return leaves;
}

/// What is wrong with the objective's loss or gradients of a case; empty: nothing.
inline std::string compared(const std::string& objective, const LabelCase& stored)
{
    const auto model = loaded(stored.model);
    std::set<std::string> transposed;
    const NamedTensors leaves = leavesOf(*model, transposed);
    const LossSum loss = objectives().at(objective).loss(*model, stored.batch, stored.settings);
    const at::Tensor mean = loss.sum / loss.count;
    if (std::abs(mean.item<double>() - stored.loss) > 1e-6 * std::max(1.0, std::abs(stored.loss)))
        return "the loss is " + std::to_string(mean.item<double>()) + " for "
            + std::to_string(stored.loss);
    mean.backward();
    double largest = 0.0;
    for (const auto& [name, gradient] : stored.gradients)
        largest = std::max(largest, gradient.first);
    std::size_t met = 0;
    for (const auto& [name, tensor] : leaves) {
        const auto it = stored.gradients.find(name);
        if (it == stored.gradients.end())
            continue;
        ++met;
        at::Tensor gradient =
            tensor.grad().defined() ? tensor.grad().to(at::kDouble) : at::zeros({1}, at::kDouble);
        gradient = (transposed.contains(name) ? gradient.t() : gradient).flatten();
        const auto [norm, sum] = it->second;
        const at::Tensor weights = at::arange(gradient.numel(), at::kDouble).cos();
        const double allowed = kOfItself * norm + kOfTheLargest * largest;
        const double ownNorm = gradient.norm().item<double>();
        const double ownSum = (gradient * weights).sum().item<double>();
        if (std::abs(ownNorm - norm) > allowed || std::abs(ownSum - sum) > allowed)
            return "the gradient of " + name + " has the norm " + std::to_string(ownNorm) + " for "
                + std::to_string(norm) + " and the sum " + std::to_string(ownSum) + " for "
                + std::to_string(sum);
    }
    return met + 1 >= stored.gradients.size()
        ? "" // masked_spec_embed and the like may be left out
        : "gradients of unknown weights are stored";
}

} // namespace tw
