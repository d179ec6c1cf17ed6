// SPDX-License-Identifier: Apache-2.0
// loss_r = w_r ((1 - e) (logsumexp(z_r) - z_r[t_r]) + e (logsumexp(z_r) - mean(z_r))) with
// z_r = cap(s (W h_r + b)) and e the smoothing.
//     d loss_r / d z_r = w_r cap'(.) (softmax(z_r) - (1 - e) onehot(t_r) - e / V)
// Where the head is frozen, each chunk of rows makes its part of the gradient before its logits are
// overwritten by the next chunk's. Where it is trained, its gradient asks for the factor of each
// row, so logits are made again in the backward pass.

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

/// What the rows of a pass have in common.
struct Rows
{
    at::Tensor targets; ///< [rows]
    at::Tensor weights; ///< [rows], or undefined
    double smoothing = 0.0;

    Rows part(std::int64_t first, std::int64_t count) const
    {
        return {targets.narrow(0, first, count),
                weights.defined() ? weights.narrow(0, first, count) : at::Tensor(), smoothing};
    }
};

/// Turns each row of logits [rows, V] into d loss / d logits and returns the losses [rows]. A row
/// at a time, so that the passes over it run in the cache.
void lossesAndResiduals(at::Tensor& logits, const Rows& rows, double* losses)
{
    const auto* target = rows.targets.const_data_ptr<std::int64_t>();
    const float* weight = rows.weights.defined() ? rows.weights.const_data_ptr<float>() : nullptr;
    const double spread = rows.smoothing / static_cast<double>(logits.size(1));
    at::parallel_for(0, logits.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
        const at::NoGradGuard noGrad;
        for (std::int64_t r = begin; r < end; ++r) {
            const double factor = weight == nullptr ? 1.0 : static_cast<double>(weight[r]);
            at::Tensor row = logits.select(0, r);
            row.sub_(row.max()); // exp() of the differences cannot overflow
            const double atTarget = row[target[r]].item<double>();
            const double all = spread > 0 ? row.sum(at::kDouble).item<double>() : 0.0;
            const double sum = row.exp_().sum().item<double>();
            losses[r] = factor * (std::log(sum) - (1.0 - rows.smoothing) * atTarget - spread * all);
            row.mul_(1.0 / sum);
            if (spread > 0)
                row.sub_(spread);
            row[target[r]].sub_(1.0 - rows.smoothing);
            if (factor != 1.0)
                row.mul_(factor);
        }
    });
}

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

/// What a pass over the rows finds.
struct Pass
{
    at::Tensor losses; ///< float64 [rows]
    at::Tensor hits; ///< uint8 [rows]: the target is the most likely token
    at::Tensor hidden; ///< gradients [rows, d], only where they are asked for
    at::Tensor weight; ///< of the head
    at::Tensor bias;
};

/// Which gradients are wanted; factors: of each row's [rows], undefined: 1.
struct Wanted
{
    bool hidden = false;
    bool head = false;
    at::Tensor factors;
    bool hits = false;
};

/// d loss / d (W h + b) of a chunk, in place of its logits.
void makeResiduals(const LmHead& head, const Rows& rows, at::Tensor& logits, double* losses)
{
    const at::Tensor slopes = slopesOf(head, logits);
    lossesAndResiduals(logits, rows, losses);
    if (slopes.defined())
        logits.mul_(slopes);
    if (head.scale != 1.0)
        logits.mul_(head.scale);
}

/// hidden [rows, d] with one target each.
Pass passOver(const at::Tensor& hidden, const LmHead& head, const Rows& rows, const Wanted& wanted)
{
    const at::NoGradGuard noGrad;
    const std::int64_t all = hidden.size(0);
    Pass pass {at::zeros({all}, at::kDouble), at::zeros({all}, at::kByte), {}, {}, {}};
    if (wanted.hidden)
        pass.hidden = at::empty_like(hidden);
    if (wanted.head)
        pass.weight = at::zeros_like(head.weight);
    if (wanted.head && head.bias.defined())
        pass.bias = at::zeros_like(head.bias);
    at::Tensor buffer =
        at::empty({std::min(all, kChunkRows), head.weight.size(0)}, hidden.options());
    for (std::int64_t begin = 0; begin < all; begin += kChunkRows) {
        const std::int64_t count = std::min(kChunkRows, all - begin);
        const at::Tensor chunk = hidden.narrow(0, begin, count);
        at::Tensor logits = buffer.narrow(0, 0, count);
        makeLogits(head, chunk, logits);
        if (wanted.hits)
            pass.hits.narrow(0, begin, count)
                .copy_(logits.argmax(1).eq(rows.targets.narrow(0, begin, count)));
        makeResiduals(head, rows.part(begin, count), logits,
                      pass.losses.mutable_data_ptr<double>() + begin);
        if (wanted.factors.defined())
            logits.mul_(wanted.factors.narrow(0, begin, count).unsqueeze(1));
        if (at::Tensor part = wanted.hidden ? pass.hidden.narrow(0, begin, count) : at::Tensor();
            part.defined())
            at::mm_out(part, logits, head.weight);
        if (wanted.head)
            pass.weight.addmm_(logits.t(), chunk);
        if (pass.bias.defined())
            pass.bias.add_(logits.sum(0));
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

void checkTargets(const at::Tensor& wanted, std::int64_t vocabulary)
{
    if (wanted.numel() > 0
        && (wanted.min().item<std::int64_t>() < 0
            || wanted.max().item<std::int64_t>() >= vocabulary))
        throw Error("A target token lies outside the model's vocabulary of "
                        + std::to_string(vocabulary) + " tokens.",
                    "The data were tokenised for another model: tokenise them with this "
                    "model's tokenizer.");
}

/// The rows that have a target, and where they stand among all.
struct Trained
{
    at::Tensor places; ///< undefined: all have one
    at::Tensor hidden;
    Rows rows;
};

at::Tensor chosen(const at::Tensor& values, const at::Tensor& places)
{
    return (places.defined() && values.defined() ? values.index_select(0, places) : values)
        .contiguous();
}

Trained
trainedOf(const at::Tensor& hidden, const at::Tensor& targets, const CrossEntropyOptions& options)
{
    at::Tensor places = targets.ne(-100).nonzero().squeeze(1);
    if (places.size(0) == hidden.size(0))
        places = at::Tensor();
    const at::Tensor weights =
        options.weights.defined() ? chosen(options.weights.to(at::kFloat), places) : at::Tensor();
    return {places, chosen(hidden, places), {chosen(targets, places), weights, options.smoothing}};
}

/// values [trained] at their places among n rows.
at::Tensor atPlaces(const at::Tensor& values, const at::Tensor& places, std::int64_t n)
{
    if (!places.defined())
        return values;
    std::vector<std::int64_t> shape = values.sizes().vec();
    shape[0] = n;
    return at::zeros(shape, values.options()).index_copy_(0, places, values);
}

class ChunkedCrossEntropy : public torch::autograd::Function<ChunkedCrossEntropy>
{
public:
    /// weight and bias: the head's, for their gradients.
    static at::Tensor forward(AutogradContext* context,
                              const at::Tensor& hidden,
                              const at::Tensor& weight,
                              const at::Tensor& bias,
                              const LmHead& head,
                              const at::Tensor& targets,
                              const CrossEntropyOptions& options,
                              bool wantsGradient)
    {
        const Trained trained = trainedOf(hidden, targets, options);
        checkTargets(trained.rows.targets, head.weight.size(0));
        const bool trainsHead = wantsGradient && (weight.requires_grad() || bias.requires_grad());
        const Pass pass = passOver(trained.hidden, head, trained.rows,
                                   {wantsGradient && !trainsHead, false, {}, false});
        context->saved_data["rows"] = hidden.size(0);
        context->saved_data["trainsHead"] = trainsHead;
        context->saved_data["scale"] = head.scale;
        context->saved_data["cap"] = head.cap;
        context->saved_data["smoothing"] = options.smoothing;
        if (trainsHead)
            context->save_for_backward({trained.hidden, trained.places, weight, head.bias,
                                        trained.rows.targets, trained.rows.weights});
        else if (wantsGradient)
            context->save_for_backward({pass.hidden, trained.places});
        return atPlaces(pass.losses, trained.places, hidden.size(0));
    }

    static variable_list backward(AutogradContext* context, variable_list gradients)
    {
        const auto saved = context->get_saved_variables();
        const at::Tensor& places = saved[1];
        const at::Tensor factors = chosen(gradients[0], places).to(saved[0].scalar_type());
        const std::int64_t rows = context->saved_data["rows"].toInt();
        variable_list found(7);
        if (!context->saved_data["trainsHead"].toBool()) {
            found[0] = atPlaces(saved[0] * factors.unsqueeze(1), places, rows);
            return found;
        }
        LmHead head(saved[2], saved[3]);
        head.scale = context->saved_data["scale"].toDouble();
        head.cap = context->saved_data["cap"].toDouble();
        const Pass pass = passOver(
            saved[0], head, {saved[4], saved[5], context->saved_data["smoothing"].toDouble()},
            {true, true, factors, false});
        found[0] = atPlaces(pass.hidden, places, rows);
        found[1] = pass.weight;
        found[2] = pass.bias;
        return found;
    }
};

} // namespace

at::Tensor tokenCrossEntropies(const at::Tensor& hidden,
                               const LmHead& head,
                               const at::Tensor& targets,
                               const CrossEntropyOptions& options)
{
    checkShapes(hidden, head.weight, targets);
    const bool isTrained = hidden.requires_grad() || head.weight.requires_grad()
        || (head.bias.defined() && head.bias.requires_grad());
    // Autograd takes no undefined tensors.
    const at::Tensor bias = head.bias.defined() ? head.bias : at::empty({0});
    return ChunkedCrossEntropy::apply(hidden, head.weight, bias, head, targets, options,
                                      at::GradMode::is_enabled() && isTrained);
}

TokenHits tokenHits(const at::Tensor& hidden, const LmHead& head, const at::Tensor& targets)
{
    checkShapes(hidden, head.weight, targets);
    const Trained trained = trainedOf(hidden, targets, {});
    checkTargets(trained.rows.targets, head.weight.size(0));
    const Pass pass = passOver(trained.hidden, head, trained.rows, {false, false, {}, true});
    return {atPlaces(pass.losses, trained.places, hidden.size(0)),
            atPlaces(pass.hits, trained.places, hidden.size(0))};
}

at::Tensor chunkedCrossEntropy(const at::Tensor& hidden,
                               const LmHead& head,
                               const at::Tensor& targets,
                               const CrossEntropyOptions& options)
{
    return tokenCrossEntropies(hidden, head, targets, options).sum();
}

at::Tensor rowSums(const at::Tensor& values, const Batch& batch)
{
    std::vector<std::int64_t> rows;
    for (std::int64_t row = 0; row < batch.rowCount(); ++row)
        rows.insert(rows.end(),
                    static_cast<std::size_t>(batch.rowStarts[static_cast<std::size_t>(row) + 1]
                                             - batch.rowStarts[static_cast<std::size_t>(row)]),
                    row);
    return at::zeros({batch.rowCount()}, values.options())
        .index_add(0, at::tensor(rows, at::kLong), values);
}

} // namespace tw
