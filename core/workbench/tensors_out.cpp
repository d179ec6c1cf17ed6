// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/workbench/workspace_state.h"

#include <ATen/ATen.h>

#include <chrono>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxInputBytes = 256'000'000; // a JSON list of 50 million ids

/// Rows of ids and which of them the model may see, both [rows, length].
struct Inputs
{
    at::Tensor ids;
    at::Tensor mask;
};

at::Tensor tableFrom(const Json& json, const std::string& where)
{
    std::vector<std::int64_t> values;
    std::size_t length = 0;
    for (const Json& row : json) {
        if (!row.is_array() || (length > 0 && row.size() != length) || row.empty())
            throw Error(where + " has to be a list of rows of equal length.",
                        "Pad the shorter rows and give an attention_mask.");
        length = row.size();
        for (const Json& value : row) {
            if (!value.is_number_integer() && !value.is_boolean())
                throw Error(where + " may hold whole numbers only.", "Mend the file.");
            values.push_back(value.is_boolean() ? value.get<bool>() : value.get<std::int64_t>());
        }
    }
    if (length == 0)
        throw Error(where + " has no rows.", "Give at least one row of ids.");
    const auto rows = static_cast<std::int64_t>(values.size() / length);
    return at::tensor(values, at::kLong).view({rows, static_cast<std::int64_t>(length)});
}

Inputs inputsFrom(const std::string& path)
{
    Inputs inputs;
    if (fs::path(path).extension() == ".safetensors") {
        const auto file = openTensorFile(path);
        if (file->find("input_ids") == nullptr)
            throw Error(path + " holds no tensor called input_ids.",
                        "Write the ids under that name.");
        inputs.ids = file->read("input_ids").to(at::kLong);
        if (file->find("attention_mask") != nullptr)
            inputs.mask = file->read("attention_mask").to(at::kLong);
    } else {
        const Json json = readJsonFile(path, kMaxInputBytes);
        if (!json.is_object() || !json.contains("input_ids"))
            throw Error(path + " is not an object with \"input_ids\".",
                        "Write {\"input_ids\": [[1, 2, 3]]}.");
        inputs.ids = tableFrom(json.at("input_ids"), path + ": input_ids");
        if (json.contains("attention_mask") && !json.at("attention_mask").is_null())
            inputs.mask = tableFrom(json.at("attention_mask"), path + ": attention_mask");
    }
    if (inputs.ids.dim() == 1)
        inputs.ids = inputs.ids.unsqueeze(0);
    if (!inputs.mask.defined())
        inputs.mask = at::ones_like(inputs.ids);
    if (inputs.mask.dim() == 1)
        inputs.mask = inputs.mask.unsqueeze(0);
    if (inputs.ids.dim() != 2 || inputs.mask.sizes() != inputs.ids.sizes())
        throw Error(path + ": input_ids and attention_mask have to be tables of one size.",
                    "Check their shapes.");
    return inputs;
}

/// Logits [length, vocabulary] of one row. Only the attended tokens go through the model, each at
/// its own position; the others get zeros.
at::Tensor rowLogits(const Model& model, const at::Tensor& ids, const at::Tensor& mask)
{
    const at::Tensor seen = mask.nonzero().squeeze(1);
    at::Tensor out = at::zeros({ids.size(0), model.config().vocabularySize}, at::kFloat);
    if (seen.numel() == 0)
        return out;
    const PackedInput input {ids.index_select(0, seen), seen, {0, seen.size(0)}};
    out.index_copy_(0, seen, model.logits(model.hidden(input)));
    return out;
}

LogitsSummary logitsOf(const ModelLease& lease,
                       const std::string& inputs,
                       const std::string& out,
                       JobControl& control)
{
    const at::NoGradGuard noGrad;
    const auto start = std::chrono::steady_clock::now();
    const Inputs rows = inputsFrom(inputs);
    const std::int64_t vocabulary = lease.model().config().vocabularySize;
    if (rows.ids.numel() > 0
        && (rows.ids.min().item<std::int64_t>() < 0
            || rows.ids.max().item<std::int64_t>() >= vocabulary))
        throw Error(inputs + " has ids outside the vocabulary of " + groupedDigits(vocabulary)
                        + " tokens.",
                    "Use ids from 0 to " + std::to_string(vocabulary - 1) + ".");
    LogitsSummary summary {rows.ids.size(0), rows.ids.size(1), vocabulary, 0.0};
    at::Tensor logits = at::empty({summary.rows, summary.length, vocabulary}, at::kFloat);
    for (std::int64_t i = 0; i < summary.rows; ++i) {
        control.report("computing", i, summary.rows);
        control.throwIfCancelled();
        logits[i].copy_(rowLogits(lease.model(), rows.ids[i], rows.mask[i]));
    }
    writeSafetensors(out, {{"logits", logits}}, {{"format", "pt"}});
    summary.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return summary;
}

ConvertSummary
converted(const std::string& from, const std::string& to, bool keepTypes, JobControl& control)
{
    const auto file = openTensorFile(from);
    NamedTensorList tensors;
    const auto total = static_cast<std::int64_t>(file->tensors().size());
    for (const TensorInfo& info : file->tensors()) {
        control.report("reading", static_cast<std::int64_t>(tensors.size()), total);
        control.throwIfCancelled();
        const at::Tensor tensor = keepTypes ? file->read(info.name) : file->readFloat(info.name);
        tensors.emplace_back(info.name, tensor.contiguous());
    }
    control.report("writing", 0, 0);
    writeSafetensors(to, tensors, {{"format", "pt"}});
    return {total, fs::file_size(to)};
}

} // namespace

Job<LogitsSummary>
Workspace::writeLogits(const ModelRef& model, const std::string& inputs, const std::string& out)
{
    return m_state->start(
        Lane::Kind::Heavy, [models = m_state->models, model, inputs, out](JobControl& control) {
            const ModelLease lease(models->get(model.model, control), model, control);
            return logitsOf(lease, inputs, out, control);
        });
}

Job<ConvertSummary>
Workspace::convert(const std::string& from, const std::string& to, bool keepTypes)
{
    return m_state->start(Lane::Kind::Light, [from, to, keepTypes](JobControl& control) {
        return converted(from, to, keepTypes, control);
    });
}

} // namespace tw
