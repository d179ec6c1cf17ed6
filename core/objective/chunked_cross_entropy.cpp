// SPDX-License-Identifier: Apache-2.0
// loss = sum over trained rows r of logsumexp(z_r) - z_r[t_r] with z_r = cap(s (W h_r + b)), W
// frozen. d loss / d h_r = s W^T (cap'(.) (softmax(z_r) - onehot(t_r))): known as soon as z_r is,
// so each chunk of rows makes its part of the gradient before its logits are overwritten by the
// next chunk's.

#include "core/base/error.h"
#include "core/objective/objective.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace tw {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Rows that share one product with the head. Few make the product slow (half the speed at 256 rows
/// on two quiet cores), many make the buffer large: rows x vocabulary x 4 bytes, 100 MB at 512 x
/// 49,152.
constexpr std::int64_t kChunkRows = 512;

/// Turns each row of logits [rows, V] into softmax - onehot(target) and returns the summed loss. A
/// row at a time, so that the four passes over it run in the cache.
double lossAndResidual(at::Tensor& logits, const at::Tensor& targets)
{
    const std::int64_t rows = logits.size(0);
    std::vector<double> losses(static_cast<std::size_t>(rows));
    const auto* target = targets.const_data_ptr<std::int64_t>();
    at::parallel_for(0, rows, 1, [&](std::int64_t begin, std::int64_t end) {
        const at::NoGradGuard noGrad;
        for (std::int64_t r = begin; r < end; ++r) {
            at::Tensor row = logits.select(0, r);
            row.sub_(row.max()); // exp() of the differences cannot overflow
            const double atTarget = row[target[r]].item<double>();
            const double sum = row.exp_().sum().item<double>();
            losses[static_cast<std::size_t>(r)] = std::log(sum) - atTarget;
            row.mul_(1.0 / sum);
            row[target[r]].sub_(1.0);
        }
    });
    double total = 0.0; // in the order of the rows: the same whatever the threads did
    for (const double loss : losses)
        total += loss;
    return total;
}

struct Pass
{
    double loss = 0.0;
    at::Tensor gradient; ///< [rows, d], only where it was asked for
};

/// cap'(z) = 1 - (cap(z) / c)^2 of capped logits; undefined where nothing is capped.
at::Tensor slopesOf(const LmHead& head, const at::Tensor& logits)
{
    return head.cap > 0.0 ? 1.0 - (logits / head.cap).square() : at::Tensor();
}

/// Logits [count, V] of hidden [count, d] into a buffer of that shape.
void makeLogits(const LmHead& head, const at::Tensor& hidden, at::Tensor& logits)
{
    at::mm_out(logits, hidden, head.weight.t());
    if (head.bias.defined())
        logits.add_(head.bias);
    if (head.scale != 1.0)
        logits.mul_(head.scale);
    if (head.cap > 0.0)
        logits.div_(head.cap).tanh_().mul_(head.cap);
}

/// hidden [rows, d] with one target each.
Pass passOver(const at::Tensor& hidden,
              const LmHead& head,
              const at::Tensor& targets,
              bool wantsGradient)
{
    Pass pass;
    if (wantsGradient)
        pass.gradient = at::empty_like(hidden);
    const std::int64_t rows = hidden.size(0);
    at::Tensor buffer =
        at::empty({std::min(rows, kChunkRows), head.weight.size(0)}, hidden.options());
    for (std::int64_t begin = 0; begin < rows; begin += kChunkRows) {
        const std::int64_t count = std::min(kChunkRows, rows - begin);
        at::Tensor logits = buffer.narrow(0, 0, count);
        makeLogits(head, hidden.narrow(0, begin, count), logits);
        const at::Tensor slopes = wantsGradient ? slopesOf(head, logits) : at::Tensor();
        pass.loss += lossAndResidual(logits, targets.narrow(0, begin, count));
        if (wantsGradient) {
            at::Tensor part = pass.gradient.narrow(0, begin, count);
            if (slopes.defined())
                logits.mul_(slopes);
            at::mm_out(part, logits, head.weight);
            if (head.scale != 1.0)
                part.mul_(head.scale);
        }
    }
    return pass;
}

void checkShapes(const at::Tensor& hidden, const at::Tensor& weight, const at::Tensor& targets)
{
    if (hidden.dim() != 2 || weight.dim() != 2 || targets.dim() != 1
        || hidden.size(1) != weight.size(1) || targets.size(0) != hidden.size(0))
        throw Error(
            "The loss got hidden states, a head and targets whose shapes do not fit together.");
}

class ChunkedCrossEntropy : public torch::autograd::Function<ChunkedCrossEntropy>
{
public:
    static at::Tensor forward(AutogradContext* context,
                              const at::Tensor& hidden,
                              const LmHead& head,
                              const at::Tensor& targets,
                              bool wantsGradient)
    {
        const at::Tensor trained = targets.ne(-100).nonzero().squeeze(1);
        const bool isAll = trained.size(0) == hidden.size(0);
        const at::Tensor rows = (isAll ? hidden : hidden.index_select(0, trained)).contiguous();
        const at::Tensor wanted = (isAll ? targets : targets.index_select(0, trained)).contiguous();
        const std::int64_t vocabulary = head.weight.size(0);
        if (wanted.numel() > 0
            && (wanted.min().item<std::int64_t>() < 0
                || wanted.max().item<std::int64_t>() >= vocabulary))
            throw Error("A target token lies outside the model's vocabulary of "
                            + std::to_string(vocabulary) + " tokens.",
                        "The data were tokenised for another model: tokenise them with this "
                        "model's tokenizer.");
        const Pass pass = passOver(rows, head, wanted, wantsGradient);
        if (wantsGradient) {
            context->save_for_backward({pass.gradient, isAll ? at::Tensor() : trained});
            context->saved_data["rows"] = hidden.size(0);
        }
        return at::scalar_tensor(pass.loss, at::TensorOptions(at::kDouble));
    }

    static variable_list backward(AutogradContext* context, variable_list gradients)
    {
        const auto saved = context->get_saved_variables();
        const at::Tensor scaled = saved[0] * gradients[0].item<double>();
        if (!saved[1].defined())
            return {scaled, {}, {}, {}};
        at::Tensor full =
            at::zeros({context->saved_data["rows"].toInt(), scaled.size(1)}, scaled.options());
        full.index_copy_(0, saved[1], scaled);
        return {full, {}, {}, {}};
    }
};

} // namespace

PackedInput packedInput(const Batch& batch)
{
    return {at::tensor(batch.ids, at::kLong), at::tensor(batch.positions, at::kLong),
            batch.rowStarts};
}

at::Tensor
chunkedCrossEntropy(const at::Tensor& hidden, const LmHead& head, const at::Tensor& targets)
{
    checkShapes(hidden, head.weight, targets);
    const bool wantsGradient = at::GradMode::is_enabled() && hidden.requires_grad();
    return ChunkedCrossEntropy::apply(hidden, head, targets, wantsGradient);
}

} // namespace tw
