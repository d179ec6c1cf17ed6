// SPDX-License-Identifier: Apache-2.0
// One forward pass over the rows of a file, to a file.
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/media/image.h"
#include "core/media/sound.h"
#include "core/workbench/media_inputs.h"
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

/// Ids have to be whole, masks 0 or 1.
at::Tensor checked(const std::string& name, at::Tensor tensor, const std::string& where)
{
    const bool isMask = name.ends_with("_mask");
    if ((isMask || name.ends_with("_ids")) && tensor.is_floating_point())
        throw Error(where + " holds a number that is not whole.", "Mend the file.");
    if (isMask && at::logical_and(tensor.ne(0), tensor.ne(1)).any().item<bool>())
        throw Error(where + " holds something else than 0 and 1.",
                    "Write 1 for what is read and 0 for padding.");
    return tensor;
}

using Paths = std::vector<fs::path>;
using Preparation = Tensors (*)(const fs::path& model, const Paths& files);

/// The files that a list of names tells of, as seen from where the list lies.
Paths filesIn(const Json& names, const std::string& where, const fs::path& folder)
{
    Paths files;
    for (const Json& name : names.is_array() ? names : Json::array({names})) {
        if (!name.is_string())
            throw Error(where + " has to be a list of file names.", "Mend the file.");
        files.push_back(folder / name.get<std::string>());
    }
    if (files.empty())
        throw Error(where + " names no file.", "Give at least one.");
    return files;
}

Tensors inputsFromJson(const std::string& path, const fs::path& model)
{
    const Json json = readJsonFile(path, kMaxInputBytes);
    if (!json.is_object())
        throw Error(path + " is not an object with \"input_ids\".",
                    "Write {\"input_ids\": [[1, 2, 3]]}, or {\"images\": [\"cat.png\"]}.");
    Tensors inputs;
    const auto add = [&](const std::string& name, at::Tensor tensor) {
        if (!inputs.emplace(name, std::move(tensor)).second)
            throw Error(path + " gives \"" + name + "\" twice: as numbers and as files.",
                        "Keep one of them.");
    };
    for (const auto& [name, value] : json.items()) {
        const std::string where = path + ": " + name;
        const Preparation prepare = name == "images" ? pictureInputs
            : name == "sounds"                       ? soundInputs
                                                     : nullptr;
        if (prepare != nullptr)
            for (const auto& [given, tensor] :
                 prepare(model, filesIn(value, where, fs::path(path).parent_path())))
                add(given, tensor);
        else if (!value.is_null())
            add(name, checked(name, JsonTable(value, where).tensor(), where));
    }
    return inputs;
}

Tensors inputsFrom(const std::string& path, const fs::path& model)
{
    if (isImageName(path))
        return pictureInputs(model, {path});
    if (isSoundName(path))
        return soundInputs(model, {path});
    Tensors inputs;
    if (fs::path(path).extension() == ".safetensors") {
        const auto file = openTensorFile(path);
        for (const TensorInfo& info : file->tensors())
            inputs[info.name] = file->read(info.name);
        return inputs;
    }
    return inputsFromJson(path, model);
}

LogitsSummary written(const ModelLease& lease,
                      const std::string& model,
                      const LogitsFiles& files,
                      JobControl& control)
{
    const auto start = std::chrono::steady_clock::now();
    const Tensors given = inputsFrom(files.inputs, model);
    if (!files.prepared.empty()) {
        NamedTensorList read;
        for (const auto& [name, tensor] : given)
            read.emplace_back(name, tensor.contiguous());
        writeSafetensors(files.prepared, read, {{"format", "pt"}});
    }
    control.report("computing", 0, 0);
    control.throwIfCancelled();
    Tensors found;
    try {
        found = lease.model().outputs(given);
    } catch (const Error& error) {
        throw Error(files.inputs + ": " + error.what(), error.hint());
    }
    control.throwIfCancelled();
    LogitsSummary summary;
    NamedTensorList tensors;
    for (const auto& [name, tensor] : found) {
        tensors.emplace_back(name, tensor.contiguous());
        summary.outputs.push_back({name, tensor.sizes().vec()});
    }
    writeSafetensors(files.out, tensors, {{"format", "pt"}});
    summary.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return summary;
}

} // namespace

Job<LogitsSummary> Workspace::writeLogits(const ModelRef& model, const LogitsFiles& files)
{
    return m_state->start(Lane::Kind::Heavy,
                          [models = m_state->models, model, files](JobControl& control) {
                              const ModelLease lease(models->get(model, control), model, control);
                              return written(lease, model.model, files, control);
                          });
}

} // namespace tw
