// SPDX-License-Identifier: Apache-2.0
// One forward pass over the rows of a file, to a file.
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/workbench/workspace_state.h"

#include <ATen/ATen.h>

#include <chrono>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxInputBytes = 256'000'000; // a JSON list of 50 million ids
constexpr std::size_t kMostDimensions = 4; // of pixel_values: images, channels, height, width

/// Numbers of nested lists of one shape, row by row.
class JsonTable
{
public:
    JsonTable(const Json& json, std::string where)
        : m_where(std::move(where))
    {
        read(json, 0);
        if (m_values.empty())
            throw Error(m_where + " has no rows.", "Give at least one row of numbers.");
    }

    at::Tensor tensor() const
    {
        const at::Tensor all = at::tensor(m_values, at::kDouble).view(m_shape);
        return all.to(m_isWhole ? at::kLong : at::kFloat);
    }

private:
    void read(const Json& json, std::size_t depth)
    {
        if (depth >= kMostDimensions)
            throw Error(m_where + " is nested too deeply.", "Mend the file.");
        const auto size = static_cast<std::int64_t>(json.size());
        if (m_shape.size() == depth && m_values.empty())
            m_shape.push_back(size);
        if (!json.is_array() || depth >= m_shape.size() || m_shape[depth] != size || size == 0)
            throw Error(m_where + " has to be a list of rows of equal length.",
                        "Pad the shorter rows and give an attention_mask.");
        for (const Json& value : json) {
            if (value.is_array())
                read(value, depth + 1);
            else
                addNumber(value, depth);
        }
    }

    void addNumber(const Json& value, std::size_t depth)
    {
        if (!value.is_number() && !value.is_boolean())
            throw Error(m_where + " may hold numbers only.", "Mend the file.");
        if (depth + 1 != m_shape.size())
            throw Error(m_where + " has to be a list of rows of equal length.",
                        "Pad the shorter rows and give an attention_mask.");
        m_isWhole = m_isWhole && !value.is_number_float();
        m_values.push_back(value.is_boolean() ? double(value.get<bool>()) : value.get<double>());
    }

    std::string m_where;
    std::vector<std::int64_t> m_shape;
    std::vector<double> m_values;
    bool m_isWhole = true;
};

Tensors inputsFrom(const std::string& path)
{
    Tensors inputs;
    if (fs::path(path).extension() == ".safetensors") {
        const auto file = openTensorFile(path);
        for (const TensorInfo& info : file->tensors())
            inputs[info.name] = file->read(info.name);
    } else {
        const Json json = readJsonFile(path, kMaxInputBytes);
        if (!json.is_object())
            throw Error(path + " is not an object with \"input_ids\".",
                        "Write {\"input_ids\": [[1, 2, 3]]}.");
        for (const auto& [name, value] : json.items())
            if (!value.is_null())
                inputs[name] = JsonTable(value, path + ": " + name).tensor();
    }
    return inputs;
}

LogitsSummary written(const ModelLease& lease,
                      const std::string& inputs,
                      const std::string& out,
                      JobControl& control)
{
    const auto start = std::chrono::steady_clock::now();
    const Tensors given = inputsFrom(inputs);
    control.report("computing", 0, 0);
    control.throwIfCancelled();
    Tensors found;
    try {
        found = lease.model().outputs(given);
    } catch (const Error& error) {
        throw Error(inputs + ": " + error.what(), error.hint());
    }
    control.throwIfCancelled();
    LogitsSummary summary;
    NamedTensorList tensors;
    for (const auto& [name, tensor] : found) {
        tensors.emplace_back(name, tensor.contiguous());
        summary.outputs.push_back({name, tensor.sizes().vec()});
    }
    writeSafetensors(out, tensors, {{"format", "pt"}});
    summary.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return summary;
}

} // namespace

Job<LogitsSummary>
Workspace::writeLogits(const ModelRef& model, const std::string& inputs, const std::string& out)
{
    return m_state->start(
        Lane::Kind::Heavy, [models = m_state->models, model, inputs, out](JobControl& control) {
            const ModelLease lease(models->get(model.model, control), model, control);
            return written(lease, inputs, out, control);
        });
}

} // namespace tw
