// SPDX-License-Identifier: Apache-2.0
#include "core/objective/label_logits.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

#include <cmath>

namespace tw {
namespace {

void checkLabelled(const Batch& batch)
{
    if (static_cast<std::int64_t>(batch.labels.size()) != batch.rowCount())
        throw Error("Rows of the batch have no label.",
                    "Say which column is the label, and leave out rows where it is empty.");
}

} // namespace

at::Tensor labelLogits(const Model& model, const Batch& batch)
{
    const Tensors outputs = model.forward(paddedInput(batch));
    const auto it = outputs.find("logits");
    if (it == outputs.end())
        throw Error("A model of the kind " + model.config().architecture
                        + " has no head that tells labels apart.",
                    "Open it for this task, or choose a model whose class has such a head.");
    return it->second;
}

at::Tensor perToken(const at::Tensor& padded, const Batch& batch)
{
    std::vector<at::Tensor> rows;
    for (std::int64_t row = 0; row < batch.rowCount(); ++row) {
        const auto at = static_cast<std::size_t>(row);
        rows.push_back(
            padded.select(0, row).narrow(0, 0, batch.rowStarts[at + 1] - batch.rowStarts[at]));
    }
    return at::cat(rows);
}

at::Tensor rowClasses(const Batch& batch, std::int64_t count)
{
    checkLabelled(batch);
    std::vector<std::int64_t> classes;
    for (const std::vector<double>& labels : batch.labels) {
        const double label = labels.size() == 1 ? labels.front() : -1.0;
        if (!(label >= 0.0) || label >= static_cast<double>(count) || label != std::floor(label))
            throw Error("A row's label is no class of the model's head, which has "
                            + std::to_string(count) + ".",
                        "Give each row one class; for several at once or for numbers choose "
                        "another setting or objective.");
        classes.push_back(static_cast<std::int64_t>(label));
    }
    return at::tensor(classes, at::kLong);
}

at::Tensor rowNumbersOf(const Batch& batch, std::int64_t count)
{
    checkLabelled(batch);
    std::vector<double> all;
    for (const std::vector<double>& labels : batch.labels) {
        if (static_cast<std::int64_t>(labels.size()) != count)
            throw Error("A row has " + std::to_string(labels.size())
                            + " numbers as its label; the model's head gives "
                            + std::to_string(count) + ".",
                        "Open the model with as many outputs as the rows have numbers.");
        all.insert(all.end(), labels.begin(), labels.end());
    }
    return at::tensor(all, at::kFloat).view({-1, count});
}

at::Tensor classEntropySum(const at::Tensor& logits, const at::Tensor& classes, double smoothing)
{
    const at::Tensor chances = logits.log_softmax(1);
    at::Tensor losses = -chances.gather(1, classes.unsqueeze(1)).squeeze(1);
    if (smoothing > 0.0)
        losses = (1.0 - smoothing) * losses - smoothing * chances.mean(1);
    return losses.to(at::kDouble).sum();
}

std::vector<std::vector<double>> rowsOf(const at::Tensor& values)
{
    const at::Tensor all = values.detach().to(at::kDouble).contiguous();
    const auto* number = all.const_data_ptr<double>();
    std::vector<std::vector<double>> rows;
    for (std::int64_t row = 0; row < all.size(0); ++row, number += all.size(1))
        rows.emplace_back(number, number + all.size(1));
    return rows;
}

double rightOnes(const at::Tensor& logits, const at::Tensor& classes)
{
    return static_cast<double>(logits.argmax(1).eq(classes).sum().item<std::int64_t>());
}

} // namespace tw
