// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/merged_folder.h"
#include "core/adaptation/merged_gguf.h"
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/model/config_keys.h"
#include "core/model/model.h"
#include "core/workbench/lineage.h"
#include "core/workbench/workspace_state.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostProven = 256; // tokens of one text that the proof reads
constexpr std::int64_t kExampleSamples = 8000; // half a second

constexpr std::int64_t kExampleIds = 32;

std::vector<std::int64_t> exampleIds(const ModelConfig& config)
{
    const std::int64_t count =
        config.contextLength > 0 ? std::min(kExampleIds, config.contextLength) : kExampleIds;
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 0; i < count; ++i)
        ids.push_back(i * (config.vocabularySize - 1) / std::max<std::int64_t>(1, count - 1));
    return ids;
}

/// Values that repeat nowhere soon, from -1 to 1.
at::Tensor exampleSignal(std::vector<std::int64_t> shape)
{
    return at::arange(c10::multiply_integers(shape), at::kFloat).mul(0.7).sin().view(shape);
}

/// An image, a spectrogram or a sound of the kind that the model reads.
void addExampleSignals(const ModelSource& source, Tensors& inputs)
{
    if (const auto& patches = source.config.patches) {
        if (patches->isSpectrogram)
            inputs["input_values"] = exampleSignal({1, patches->width, patches->height});
        else
            inputs["pixel_values"] =
                exampleSignal({1, patches->channels, patches->height, patches->width});
        return;
    }
    if (source.config.waveform)
        inputs["input_values"] = exampleSignal({1, kExampleSamples});
    const Json config = parseJson(source.configText, source.path.string());
    if (const auto vision = config.find("vision_config");
        vision != config.end() && vision->is_object() && source.config.task == ModelTask::Other) {
        const JsonKeys keys(*vision);
        const auto size = keys.integer("image_size", 224);
        inputs["pixel_values"] = exampleSignal({1, keys.integer("num_channels", 3), size, size});
    }
}

/// What the proof lets both read: the person's texts, or an example of what the model reads, with
/// ids from all over the vocabulary.
std::vector<Tensors> proofRows(const LoadedModel& loaded, const std::vector<std::string>& texts)
{
    std::vector<std::vector<std::int64_t>> rows;
    for (const std::string& text : texts)
        if (auto ids = loaded.textTokenizer().encode(text, true).ids; !ids.empty()) {
            ids.resize(std::min(ids.size(), kMostProven));
            rows.push_back(std::move(ids));
        }
    const ModelConfig& config = loaded.source.config;
    if (rows.empty() && config.readsText())
        rows.push_back(exampleIds(config));
    std::vector<Tensors> inputs(std::max<std::size_t>(1, rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        inputs[i]["input_ids"] = at::tensor(rows[i], at::kLong).unsqueeze(0);
        if (config.decoderLayers == 0)
            continue;
        rows[i].insert(rows[i].begin(), config.startId); // as if it answered with the same text
        inputs[i]["decoder_input_ids"] = at::tensor(rows[i], at::kLong).unsqueeze(0);
    }
    for (Tensors& input : inputs)
        addExampleSignals(loaded.source, input);
    return inputs;
}

std::vector<Tensors> answersOf(const Model& model, const std::vector<Tensors>& rows)
{
    std::vector<Tensors> all;
    for (const Tensors& row : rows)
        all.push_back(model.outputs(row));
    return all;
}

/// Of one output: how many vectors it holds.
std::int64_t positionsOf(const at::Tensor& output)
{
    return output.dim() == 0 ? 1 : output.numel() / std::max<std::int64_t>(1, output.size(-1));
}

SharedModel compared(const std::vector<Tensors>& before, const std::vector<Tensors>& after)
{
    SharedModel shared;
    for (std::size_t i = 0; i < before.size(); ++i) {
        std::int64_t positions = 0;
        for (const auto& [name, output] : before[i]) {
            positions = std::max(positions, positionsOf(output));
            const double difference = (output - after[i].at(name)).abs().max().item<double>();
            if (!std::isfinite(difference))
                throw Error("The model gives values that are no numbers, so that nothing can be "
                            "compared: "
                                + name + ".",
                            "Check the model and the adapter; a training that diverged leaves "
                            "such weights.");
            shared.largestDifference = std::max(shared.largestDifference, difference);
        }
        shared.positions += positions;
    }
    return shared;
}

std::uint64_t bytesOf(const fs::path& folder)
{
    std::uint64_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            bytes += entry.file_size();
    return bytes;
}

SharedModel mergedModel(const std::shared_ptr<LoadedModel>& loaded,
                        const ModelRef& ref,
                        const std::string& out,
                        const std::vector<std::string>& texts,
                        const std::string& ggufType,
                        JobControl& control)
{
    const auto rows = proofRows(*loaded, texts);
    std::vector<Tensors> before;
    {
        const ModelLease lease(loaded, ref, control);
        before = answersOf(lease.model(), rows);
        control.report("writing", 0, 0);
        const ModelSource& source = lease.loaded().source;
        if (ggufType.empty() && !source.isGguf)
            writeMergedFolder(source, lease.model(), out);
        else
            writeMergedGguf(source, lease.model(), ggufType.empty() ? "F32" : ggufType, out);
    }
    SharedModel shared =
        compared(before, answersOf(*loadModel(openModelSource(out), control), rows));
    writeLineageNote(out, ref, ggufType);
    shared.bytes = bytesOf(out);
    return shared;
}

SharedModel writtenAdapter(const std::shared_ptr<LoadedModel>& loaded,
                           const ModelRef& ref,
                           const std::string& out,
                           const std::vector<std::string>& texts,
                           JobControl& control)
{
    if (adaptersOf(ref).size() != 1)
        throw Error("PEFT's layout holds one adapter; " + std::to_string(adaptersOf(ref).size())
                        + " are given.",
                    "Give exactly one --adapter, or merge several into the model.");
    requireFreeFolder(out);
    const auto rows = proofRows(*loaded, texts);
    std::vector<Tensors> before;
    {
        const ModelLease lease(loaded, ref, control);
        before = answersOf(lease.model(), rows);
        writeAdapter(*lease.adapters().front(), ref.model, out);
    }
    const ModelLease again(loaded, {ref.model, out, {}}, control);
    SharedModel shared = compared(before, answersOf(again.model(), rows));
    shared.bytes = bytesOf(out);
    return shared;
}

} // namespace

Job<SharedModel> Workspace::mergeModel(const ModelRef& model,
                                       const std::string& out,
                                       const std::vector<std::string>& texts)
{
    return m_state->start(
        Lane::Kind::Heavy, [models = m_state->models, model, out, texts](JobControl& control) {
            return mergedModel(models->get(model, control), model, out, texts, "", control);
        });
}

Job<SharedModel> Workspace::exportAdapter(const ModelRef& model,
                                          const std::string& out,
                                          const std::vector<std::string>& texts)
{
    return m_state->start(
        Lane::Kind::Heavy, [models = m_state->models, model, out, texts](JobControl& control) {
            return writtenAdapter(models->get(model, control), model, out, texts, control);
        });
}

Job<SharedModel> Workspace::exportGguf(const ModelRef& model,
                                       const std::string& type,
                                       const std::string& out,
                                       const std::vector<std::string>& texts)
{
    return m_state->start(Lane::Kind::Heavy,
                          [models = m_state->models, model, type, out, texts](JobControl& control) {
                              return mergedModel(models->get(model, control), model, out, texts,
                                                 type, control);
                          });
}

const std::vector<std::string>& Workspace::ggufTypes()
{
    return ggufExportTypes();
}

} // namespace tw
