// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tw {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// delta = scale * B A; what a linear layer can fold into one pass over memory.
struct LowRank
{
    at::Tensor A; ///< [rank, in]
    at::Tensor B; ///< [out, rank]
    double scale = 1.0;
    double dropout = 0.0; ///< on x before A; only while training
};

/// W [out, in] and b [out] of a linear layer; b may be undefined.
struct LinearWeights
{
    at::Tensor weight;
    at::Tensor bias;
};

/// What a layer makes of its input, or an embedding of ids.
using TensorFunction = std::function<at::Tensor(const at::Tensor&)>;

/// A change of what a linear layer computes. Changes of one layer lie over each other in the order
/// in which they were attached: each sees those before it as the layer below. Owned by its adapter.
class LinearChange
{
public:
    virtual ~LinearChange() = default;

    /// The layer with the change for x [T, in] -> [T, out]; below computes it without. base: the
    /// layer without any change. Differentiable in x and in trainable().
    virtual at::Tensor
    forward(const at::Tensor& x, const LinearWeights& base, const TensorFunction& below) const = 0;
    /// The same layer as weights of its own; below: with the changes before this one merged in.
    /// Differentiable.
    virtual LinearWeights merged(const LinearWeights& base, const LinearWeights& below) const = 0;
    /// Own tensors by their name behind the module's ("lora_A.weight"); all require gradients.
    virtual NamedTensors trainable() const = 0;
    /// The factors where all the change does is to add x A^T B^T; the layer then uses its fused
    /// path instead of forward().
    virtual std::optional<LowRank> lowRank() const { return std::nullopt; }
};

/// A change that adds to the weight matrix: y = below(x) + delta(x).
class WeightDelta : public LinearChange
{
public:
    /// delta(x): [*, in] -> [*, out], differentiable in x and in trainable().
    virtual at::Tensor apply(const at::Tensor& x) const = 0;
    /// The same delta as a matrix [out, in], for merging and for X-rays. Differentiable.
    virtual at::Tensor matrix() const = 0;

    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& base,
                       const TensorFunction& below) const override;
    LinearWeights merged(const LinearWeights& base, const LinearWeights& below) const override;
};

/// y * scale + shift, channel by channel; shift may be undefined.
struct ScaleShift
{
    at::Tensor scale; ///< [hidden]
    at::Tensor shift;
};

/// What a part of a block reads and gives, for those who change it. T: tokens.
struct PartStates
{
    at::Tensor input; ///< what enters the part's first linear layer [T, hidden]; undefined at norms
    at::Tensor residual; ///< what the output is added to; undefined where it is not
    TensorFunction normAfter; ///< the norm that the sum goes through; empty where none does
};

/// A change of hidden states where a part of a block ends: what attention or the MLP adds, before
/// it is added, or what a norm gives. Several of one site follow each other in the order in which
/// they were attached. Owned by its adapter.
class HiddenChange
{
public:
    virtual ~HiddenChange() = default;

    /// output [T, hidden] with the change. Differentiable in all it reads and in trainable().
    virtual at::Tensor forward(const at::Tensor& output, const PartStates& part) const = 0;
    /// As LinearChange::trainable().
    virtual NamedTensors trainable() const = 0;
    /// Where all the change does is this: it can then be merged into a norm.
    virtual std::optional<ScaleShift> scaleShift() const { return std::nullopt; }
};
using HiddenChanges = std::vector<std::shared_ptr<const HiddenChange>>;

/// A change of the embedding's table [vocabulary, hidden]; several lie over each other as those of
/// a linear layer do.
class TableChange
{
public:
    virtual ~TableChange() = default;

    /// Rows of the changed table, [n] -> [n, hidden]; below gives them without the change. base:
    /// the table without any change. Differentiable in trainable().
    virtual at::Tensor
    rows(const at::Tensor& ids, const at::Tensor& base, const TensorFunction& below) const = 0;
    /// The changed table [vocabulary, hidden]; below: with the changes before this one.
    virtual at::Tensor merged(const at::Tensor& base, const at::Tensor& below) const = 0;
    /// As LinearChange::trainable().
    virtual NamedTensors trainable() const = 0;
};

/// Tokens that no id stands for, before each row: either embeddings that the model reads as it
/// reads those of tokens, or keys and values that every layer finds as if they had been read
/// before.
class VirtualTokens
{
public:
    virtual ~VirtualTokens() = default;

    virtual std::int64_t count() const = 0;
    /// By how many positions the text behind them moves on; as many as there are tokens, or none.
    virtual std::int64_t positions() const { return count(); }
    /// [count, hidden], or undefined.
    virtual at::Tensor embeddings() const { return {}; }
    /// Keys and values of a layer, each [count, kvHeads * headSize], as they lie in a cache:
    /// rotated where the model rotates. Undefined where embeddings() is defined.
    virtual std::pair<at::Tensor, at::Tensor> keysAndValues(std::size_t /*layer*/) const
    {
        return {};
    }
    /// As LinearChange::trainable().
    virtual NamedTensors trainable() const = 0;
};

} // namespace tw
