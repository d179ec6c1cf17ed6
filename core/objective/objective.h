// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/param.h"
#include "core/base/random.h"
#include "core/base/registry.h"
#include "core/data/batch.h"
#include "core/model/model.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tw {

/// A mean under way.
struct Ratio
{
    double sum = 0.0;
    double count = 0.0;

    double mean() const { return count > 0.0 ? sum / count : 0.0; }
    Ratio& operator+=(const Ratio& other)
    {
        sum += other.sum;
        count += other.count;
        return *this;
    }
};

/// Loss of a batch as a sum over what it counts, so that accumulation divides by the count of the
/// whole step: trained tokens, rows, or pairs.
struct LossSum
{
    at::Tensor sum; ///< scalar, differentiable
    std::int64_t count = 0;
    /// Further sums over the same count, for the curves of a run: "rewards.margin" ...
    std::map<std::string, double> measures = {};
    /// Measures with counts of their own, such as shares of rows.
    std::map<std::string, Ratio> ratios = {};
};

/// What a model says of the rows of a batch beside what is right, for scores over all rows.
struct Predictions
{
    enum class Kind
    {
        Classes, ///< one number of a class for each row
        Flags, ///< of each row, 1 or 0 for each label
        TokenClasses, ///< of each row, the classes of its labelled tokens
        Numbers ///< of each row, what was asked for
    };
    Kind kind = Kind::Classes;
    std::vector<std::vector<double>> said;
    std::vector<std::vector<double>> truth; ///< as many of each
};
/// A tensor [rows, n] as such lists.
std::vector<std::vector<double>> rowsOf(const at::Tensor& values);

/// Where in a run a batch is made.
struct BatchMoment
{
    std::int64_t step = 0; ///< from 0
    std::int64_t steps = 1; ///< of the whole run
    bool isTraining = true; ///< false: the batch is for an evaluation
    const Tokenizer* tokenizer = nullptr; ///< of the model; nullptr where it reads no text
};

/// What training aims at, as a plug-in. Knows no adaptation.
struct Objective
{
    std::string id;
    std::string title;
    std::string summary;
    std::vector<ParamSpec> params;
    std::function<LossSum(const Model&, const Batch&, const ParamValues&)> loss;
    RowUse rows = RowUse::Text;
    bool learnsNumbers = false; ///< RowUse::Labels: labels are numbers, not classes
    std::vector<ModelTask> tasks = {ModelTask::CausalLm}; ///< of models that it can train
    /// Completes the rows of a data set before batches are made of them, where a row needs others;
    /// what it makes is at most maxLength tokens long. May be empty.
    std::function<void(std::vector<TokenizedRow>&, const ParamValues&, std::int64_t maxLength)>
        prepare = {};
    /// Changes a batch before the model reads it: masks, spans, noise tokens. Draws from random
    /// only, which depends on the seed and the number of the batch. May be empty.
    std::function<void(
        Batch&, const Model&, const ParamValues&, const BatchMoment&, RandomStream& random)>
        corrupt = {};
    /// A number for each row of the batch from the model as it is before training, computed once
    /// for each row of the data: log-probabilities of a frozen reference. May be empty.
    std::function<std::vector<double>(const Model&, const Batch&, const ParamValues&)> reference =
        {};
    /// What the model says of each row, for objectives whose rows have labels. May be empty.
    std::function<Predictions(const Model&, const Batch&, const ParamValues&)> predict = {};
    /// Problems beyond the ranges of params. May be empty.
    std::function<Problems(const ParamValues&)> check = {};
    std::string paper = {}; ///< where it comes from
};

PackedInput packedInput(const Batch& batch);
/// The batch as rows that are padded to one length on the right, for models that are no language
/// models: "input_ids", "attention_mask" and, where it has types, "token_type_ids"; of sounds
/// "input_values" and, where their padding is masked, "attention_mask"; of pictures
/// "pixel_values".
Tensors paddedInput(const Batch& batch);

/// How cross-entropies are taken.
struct CrossEntropyOptions
{
    at::Tensor weights = {}; ///< of each row [n]; undefined: 1
    /// Share of the target that is spread evenly over the vocabulary (label smoothing).
    double smoothing = 0.0;
};

/// Cross-entropies, in nats, of hidden [n, d] against targets [n] (-100: 0) through the head:
/// float64 [n]. In chunks of rows: only trained positions are ever multiplied with the head, so
/// logits of the whole batch never exist. Differentiable in hidden, and in the head's weight and
/// bias where they require gradients. Throws Error for a target outside the vocabulary.
at::Tensor tokenCrossEntropies(const at::Tensor& hidden,
                               const LmHead& head,
                               const at::Tensor& targets,
                               const CrossEntropyOptions& options = {});
/// Losses as above, and whether each target is the token that the model finds most likely (uint8
/// [n], 0 where there is no target). No gradient.
struct TokenHits
{
    at::Tensor losses;
    at::Tensor hits;
};
TokenHits tokenHits(const at::Tensor& hidden, const LmHead& head, const at::Tensor& targets);
/// Their sum, a float64 scalar.
at::Tensor chunkedCrossEntropy(const at::Tensor& hidden,
                               const LmHead& head,
                               const at::Tensor& targets,
                               const CrossEntropyOptions& options = {});

/// Sums of values [n] over the tokens of each row -> [rows]. Differentiable.
at::Tensor rowSums(const at::Tensor& values, const Batch& batch);

} // namespace tw
