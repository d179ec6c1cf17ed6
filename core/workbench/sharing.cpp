// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/merged_folder.h"
#include "core/base/error.h"
#include "core/model/model.h"
#include "core/workbench/workspace_state.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostProven = 256; // tokens of one text that the proof reads

/// What the proof lets both read: the person's texts, or ids from all over the vocabulary.
std::vector<std::vector<std::int64_t>> proofRows(const LoadedModel& loaded,
                                                 const std::vector<std::string>& texts)
{
    std::vector<std::vector<std::int64_t>> rows;
    for (const std::string& text : texts)
        if (auto ids = loaded.textTokenizer().encode(text, true).ids; !ids.empty()) {
            ids.resize(std::min(ids.size(), kMostProven));
            rows.push_back(std::move(ids));
        }
    if (!rows.empty())
        return rows;
    constexpr std::int64_t kIds = 32;
    const std::int64_t size = loaded.source.config.vocabularySize;
    rows.emplace_back();
    for (std::int64_t i = 0; i < kIds; ++i)
        rows.back().push_back(i * (size - 1) / (kIds - 1));
    return rows;
}

std::vector<at::Tensor> logitsOf(const Model& model,
                                 const std::vector<std::vector<std::int64_t>>& rows)
{
    const at::NoGradGuard noGradients;
    std::vector<at::Tensor> all;
    for (const auto& row : rows) {
        const auto length = static_cast<std::int64_t>(row.size());
        const PackedInput input {at::tensor(row, at::kLong), at::arange(length), {0, length}};
        all.push_back(model.logits(model.hidden(input)));
    }
    return all;
}

SharedModel compared(const std::vector<at::Tensor>& before, const std::vector<at::Tensor>& after)
{
    SharedModel shared;
    for (std::size_t i = 0; i < before.size(); ++i) {
        shared.positions += before[i].size(0);
        shared.largestDifference =
            std::max(shared.largestDifference, (before[i] - after[i]).abs().max().item<double>());
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
                        JobControl& control)
{
    const auto rows = proofRows(*loaded, texts);
    std::vector<at::Tensor> before;
    {
        const ModelLease lease(loaded, ref, control);
        before = logitsOf(lease.model(), rows);
        control.report("writing", 0, 0);
        writeMergedFolder(lease.loaded().source, lease.model(), out);
    }
    SharedModel shared =
        compared(before, logitsOf(*loadModel(openModelSource(out), control), rows));
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
    if (fs::exists(out) && (!fs::is_directory(out) || !fs::is_empty(out)))
        throw Error(out + " holds something already.",
                    "Choose a folder that is not there yet: nothing is written over.");
    const auto rows = proofRows(*loaded, texts);
    std::vector<at::Tensor> before;
    {
        const ModelLease lease(loaded, ref, control);
        before = logitsOf(lease.model(), rows);
        writeAdapter(*lease.adapters().front(), ref.model, out);
    }
    const ModelLease again(loaded, {ref.model, out, {}}, control);
    SharedModel shared = compared(before, logitsOf(again.model(), rows));
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
            return mergedModel(models->get(model.model, control), model, out, texts, control);
        });
}

Job<SharedModel> Workspace::exportAdapter(const ModelRef& model,
                                          const std::string& out,
                                          const std::vector<std::string>& texts)
{
    return m_state->start(
        Lane::Kind::Heavy, [models = m_state->models, model, out, texts](JobControl& control) {
            return writtenAdapter(models->get(model.model, control), model, out, texts, control);
        });
}

} // namespace tw
