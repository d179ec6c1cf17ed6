// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/chat_templates.h"
#include "core/data/layout.h"
#include "core/experiment/document.h"
#include "core/job/job_control.h"
#include "core/model/config.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace tw {

struct Objective;

/// The rows of a data file that make one part of an experiment.
struct DataSlice
{
    std::shared_ptr<const Dataset> dataset;
    ColumnRoles roles;
    std::vector<std::int64_t> rows; ///< numbers within the file
};

/// What an experiment reads. Where it names no held-out file, a share of the training file is drawn
/// by the seed.
struct ExperimentData
{
    DataSlice train;
    DataSlice heldOut; ///< without rows where there is none
    DataSlice general; ///< dataset is empty where the experiment names none
};

/// Roles as the document names them; guessed where it names none. Throws Error for unknown roles
/// and columns.
ColumnRoles rolesOf(const DataPart& part, const Dataset& dataset);
/// Opens a file, or finds it open already.
using DatasetOpener = std::function<std::shared_ptr<const Dataset>(const std::string& path)>;

/// A part on its own: the rows of the file that `where` lets through, up to its limit. Throws
/// Error, also where none is left.
DataSlice openSlice(const DataPart& part, const DatasetOpener& open);
/// Keeps `share` of the slice apart, at least one row where there are two; the draw depends on the
/// seed only.
std::pair<DataSlice, DataSlice>
splitSlice(const DataSlice& slice, double share, std::uint64_t seed);
ExperimentData openData(const Experiment& experiment, const DatasetOpener& open);

/// What the rows of an experiment are laid out for.
struct RowPlan
{
    RowUse use = RowUse::Text;
    TrainOn trainOn = TrainOn::Answers;
    LabelList labels; ///< where the rows have such
    std::int64_t startId = -1; ///< of RowUse::Answer
    std::int64_t vocabularySize = 0;
    RowMedium medium = RowMedium::Text;
    std::int64_t tokensPerPicture = 1;
};
/// Whether models for the task write text: what is measured on general text and on samples.
bool writesText(ModelTask task);
/// What such a model reads of a row.
RowMedium mediumOf(const ModelConfig& model);
/// Whether rows for the objective are made of tokens: labels of pictures and sounds are not.
bool needsTokenizer(const Objective& objective, const ModelConfig& model);
/// From the objective, the model and the labels of the training rows: those held out count, too,
/// where they come from the same file. Throws Error for labels that the model's head lacks.
RowPlan rowPlan(const Objective& objective,
                const ParamValues& settings,
                const ModelConfig& model,
                const ExperimentData& data);
/// For the objective of the experiment.
RowPlan rowPlan(const Experiment& experiment, const ModelConfig& model, const ExperimentData& data);

/// How rows of the experiment become tokens. Throws Error where roles and layout do not fit.
RowTokenizer rowTokenizer(const Experiment& experiment,
                          const RowPlan& plan,
                          const ColumnRoles& roles,
                          std::shared_ptr<const Tokenizer> tokenizer,
                          const RowTemplates& templates);
/// General text is read as it stands; a model with an encoder reads its first half and writes the
/// other.
RowTokenizer generalTokenizer(const Experiment& experiment,
                              const ModelConfig& model,
                              const ColumnRoles& roles,
                              std::shared_ptr<const Tokenizer> tokenizer);

/// Over all rows: what the token proof says before a run starts.
struct TokenProof
{
    std::int64_t rows = 0;
    std::vector<std::int64_t> failed; ///< row numbers, from 0
    std::vector<std::int64_t> truncated;
    std::vector<std::int64_t> nothingTrained;
    std::vector<std::int64_t> duplicates; ///< rows equal to an earlier one
    std::int64_t tokens = 0;
    std::int64_t trainedTokens = 0; ///< or labels: what the rows teach
    std::vector<std::int32_t> lengths; ///< of each row before cutting; 0 where it failed
    std::string firstFailure; ///< message of the first failed row

    bool operator==(const TokenProof&) const = default;
};

/// The tokens of a slice, and what the proof says of them. Row numbers count within the slice.
struct TokenizedSlice
{
    std::vector<TokenizedRow> rows; ///< only those that can be used: laid out, with trained tokens
    std::vector<std::size_t> fingerprints; ///< of every row's tokens, to find it in another slice
    TokenProof proof;
};
/// Progress stage "tokenizing".
TokenizedSlice
tokenizeSlice(const DataSlice& slice, const RowTokenizer& tokenizer, JobControl& control);

} // namespace tw
