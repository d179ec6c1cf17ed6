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

namespace tw {

struct LabelCase
{
    std::filesystem::path model;
    ParamValues settings;
    Batch batch;
    double loss = 0.0;
    std::map<std::string, double> norms; ///< of the parameters' gradients
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
                           stored.at("norms").get<std::map<std::string, double>>()};
    return cases;
}

inline std::shared_ptr<Model> loaded(const std::filesystem::path& folder)
{
    JobControl control;
    return loadModel(openModelSource(folder), control);
}

/// What is wrong with the objective's loss or gradients of a case; empty: nothing.
inline std::string compared(const std::string& objective, const LabelCase& stored)
{
    const auto model = loaded(stored.model);
    const NamedTensors weights = model->weights();
    for (const auto& [name, tensor] : weights)
        tensor.requires_grad_();
    const LossSum loss = objectives().at(objective).loss(*model, stored.batch, stored.settings);
    const at::Tensor mean = loss.sum / loss.count;
    if (std::abs(mean.item<double>() - stored.loss) > 1e-5 * std::max(1.0, std::abs(stored.loss)))
        return "the loss is " + std::to_string(mean.item<double>()) + " for "
            + std::to_string(stored.loss);
    mean.backward();
    double largest = 0.0;
    for (const auto& [name, norm] : stored.norms)
        largest = std::max(largest, norm);
    std::size_t met = 0;
    for (const auto& [name, tensor] : weights) {
        const auto it = stored.norms.find(name);
        if (it == stored.norms.end())
            continue;
        ++met;
        // GPT-2's linear layers compute with a transposed view of what is stored.
        if (model->config().storesTransposed && name.find(".h.") != std::string::npos
            && tensor.dim() == 2)
            continue;
        const double norm = tensor.grad().defined() ? tensor.grad().norm().item<double>() : 0.0;
        if (std::abs(norm - it->second) > 1e-4 * largest) // float32 sums over thousands of samples
            return "the gradient of " + name + " has the norm " + std::to_string(norm) + " for "
                + std::to_string(it->second);
    }
    return met + 1 >= stored.norms.size() ? "" // masked_spec_embed and the like may be left out
                                          : "gradients of unknown weights are stored";
}

} // namespace tw
