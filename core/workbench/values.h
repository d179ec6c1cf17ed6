// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/values.h" // IWYU pragma: export
#include "core/base/error.h"
#include "core/base/param.h"
#include "core/base/result.h"
#include "core/evaluation/beam_options.h"
#include "core/model/packed_kind.h"
#include "core/store/run_state.h" // IWYU pragma: export

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tw {

// What programs get from the workbench and show: plain comparable values, no tensors, no pointers.

/// This machine, as the top bar and `doctor` show it.
struct DeviceInfo
{
    std::string name; ///< "CPU, 2 threads, float32"
    std::string processor;
    std::int64_t threads = 0;
    std::uint64_t memoryTotal = 0; ///< bytes
    std::uint64_t memoryUsed = 0; ///< by all programs
    std::uint64_t memoryOwn = 0; ///< by this program
    std::uint64_t diskFree = 0;

    bool operator==(const DeviceInfo&) const = default;
};

struct TensorSummary
{
    std::string name;
    std::string dtype;
    std::vector<std::int64_t> shape;
    std::uint64_t bytes = 0;

    bool operator==(const TensorSummary&) const = default;
};

/// The tensors of a file, and what a person should know about it.
struct TensorListing
{
    std::vector<TensorSummary> tensors;
    std::vector<std::string> remarks; ///< whole sentences
};

/// A kind of site with its shape, for the designer's grid. Where layers differ in their shapes, a
/// kind has several rows.
struct SiteRow
{
    std::string site; ///< "attn.q"
    std::int64_t in = 0;
    std::int64_t out = 0;
    bool isLinear = false;
    bool hasWeight = true; ///< a matrix, table or norm of its own; else only a place
    bool hasBias = false;
    std::vector<std::int32_t> layers; ///< those that have it, rising; {-1}: outside of the layers
    std::vector<std::string> modules = {}; ///< of each of these: "model.layers.0.self_attn.q_proj"

    bool operator==(const SiteRow&) const = default;
};

/// How the parts of a block are joined, where its sites alone do not say it.
struct BlockShape
{
    bool normsFollowSums = false; ///< post-norm: norm1 and norm2 stand behind the additions
    bool isParallel = false; ///< attention and MLP read the same input

    bool operator==(const BlockShape&) const = default;
};

/// The head that an objective with labels trains beside its methods: fixed + labels * perLabel
/// parameters.
struct HeadSize
{
    std::int64_t fixed = 0;
    std::int64_t perLabel = 0;
    std::int64_t labels = 0; ///< where the data do not say it; 0: nothing does

    bool operator==(const HeadSize&) const = default;
};

struct ModelSummary
{
    std::string path;
    std::string name; ///< "SmolLM2-135M-Instruct"
    bool loads = false;
    std::string whyNot; ///< where it does not load: what and what to do
    std::string family;
    std::string architecture;
    std::int64_t parameters = 0;
    std::int64_t layers = 0;
    std::int64_t hiddenSize = 0;
    std::int64_t contextLength = 0;
    std::int64_t vocabularySize = 0;
    std::string dtype; ///< as stored
    std::uint64_t fileBytes = 0;
    std::string senses; ///< "pictures of 224 x 224 pixels ..."; empty where it reads text alone
    std::string tokenizer; ///< in words
    bool hasChatTemplate = false;
    std::string chatTemplate;
    std::string licence; ///< where the files state one
    std::vector<std::pair<std::string, std::string>> configuration; ///< label, value: in words
    std::vector<SiteRow> sites; ///< in the order of the model
    BlockShape block;
    std::map<std::string, HeadSize> heads; ///< by the objective that needs one
    std::vector<TensorSummary> tensors;
    std::vector<std::string> remarks; ///< what is odd about its files, in whole sentences

    bool operator==(const ModelSummary&) const = default;
};

/// Values of one tensor, for the model page.
struct TensorDetail
{
    std::string name;
    double norm = 0.0; ///< Frobenius
    double mean = 0.0;
    double standardDeviation = 0.0;
    double minimum = 0.0;
    double maximum = 0.0;
    std::int64_t notFinite = 0; ///< NaN and infinite values, which count for nothing else here
    std::vector<double> binEdges; ///< bins + 1; empty where no value is finite
    std::vector<double> binCounts;

    bool operator==(const TensorDetail&) const = default;
};

/// A PEFT adapter on disk.
struct AdapterSummary
{
    std::string path;
    std::string method; ///< "lora"
    std::string baseModel; ///< as its config names it
    std::int64_t rank = 0;
    double alpha = 0.0;
    std::int64_t modules = 0;
    std::int64_t parameters = 0;
    std::uint64_t fileBytes = 0;
    std::vector<TensorSummary> tensors;

    bool operator==(const AdapterSummary&) const = default;
};

struct ColumnSummary
{
    std::string name;
    std::string role; ///< guessed, "ignore" where unused
    std::int64_t emptyCells = 0;

    bool operator==(const ColumnSummary&) const = default;
};

struct DatasetSummary
{
    std::string path;
    std::string name;
    std::string format; ///< in words
    std::string layout; ///< what the rows are: "sharegpt", "alpaca", "preference" ...
    std::string layoutTitle; ///< the same in words
    std::string split; ///< "train", "validation" or "test" where the name says so
    std::int64_t rows = 0;
    std::uint64_t fileBytes = 0;
    std::vector<ColumnSummary> columns;
    Problems problems;

    bool operator==(const DatasetSummary&) const = default;
};

struct DatasetRows
{
    std::int64_t first = 0;
    std::vector<std::vector<std::string>> rows;

    bool operator==(const DatasetRows&) const = default;
};

/// One token of the proof.
struct TokenView
{
    enum class Kind
    {
        Template,
        Prompt,
        Answer
    };
    std::int64_t id = 0;
    std::string text; ///< decoded; U+FFFD where the bytes are part of a character
    Kind kind = Kind::Template;
    bool isTrained = false;
    bool isCut = false; ///< beyond the length limit: the model does not see it
    std::string label; ///< class of a token that has one

    bool operator==(const TokenView&) const = default;
};

struct RowTokens
{
    std::int64_t row = 0;
    std::vector<TokenView> tokens;
    /// Where the tokens are several parts: id ("source", "answer", "chosen", "rejected") and first
    /// token of each.
    std::vector<std::pair<std::string, std::int64_t>> parts;
    std::string label; ///< of the whole row, in words; empty: it has none
    std::string failure; ///< why the row cannot be laid out; empty: it can

    bool operator==(const RowTokens&) const = default;
};

/// The token proof over all rows of one part of an experiment's data.
struct ProofSummary
{
    std::int64_t rows = 0;
    std::int64_t tokens = 0;
    std::int64_t trainedTokens = 0;
    std::vector<std::int64_t> failed; ///< row numbers from 0
    std::vector<std::int64_t> truncated;
    std::vector<std::int64_t> nothingTrained;
    std::vector<std::int64_t> duplicates;
    std::vector<std::int64_t> leaked; ///< held-out rows that also stand in the training part
    std::vector<std::int32_t> lengths;
    std::int64_t maxLength = 0;
    std::int64_t labels = 0; ///< classes that the rows tell apart; 0: none, or a number
    std::string firstFailure;

    bool operator==(const ProofSummary&) const = default;
};

/// What an experiment would train, take and cost; follows the designer at once.
struct Plan
{
    std::int64_t trainedParameters = 0;
    std::vector<std::int64_t> trainedByAdaptation; ///< in the order of the document
    std::int64_t headParameters = 0; ///< of trainedParameters: of the head that tells labels apart
    std::int64_t totalParameters = 0;
    std::uint64_t weightsBytes = 0;
    std::uint64_t adapterBytes = 0;
    std::uint64_t gradientBytes = 0;
    std::uint64_t optimizerBytes = 0;
    std::uint64_t activationBytes = 0;
    std::uint64_t programBytes = 0;
    double seconds = -1.0; ///< < 0: unknown until this machine was measured
    double secondsPerStep = -1.0;

    std::uint64_t totalBytes() const
    {
        return weightsBytes + adapterBytes + gradientBytes + optimizerBytes + activationBytes
            + programBytes;
    }
    bool operator==(const Plan&) const = default;
};

/// The token proof of one stage.
struct StageProof
{
    ProofSummary train;
    ProofSummary heldOut;

    bool operator==(const StageProof&) const = default;
};

struct CheckReport
{
    Problems problems;
    ProofSummary train; ///< of the stage that reads most
    ProofSummary heldOut;
    Plan plan;
    std::vector<StageProof> stages; ///< one where the experiment has no stages

    bool operator==(const CheckReport&) const = default;
};

/// A plug-in of any kind, for `describe`, method cards and forms.
struct PluginInfo
{
    std::string kind; ///< "adaptation"
    std::string id;
    std::string title;
    std::string summary;
    std::vector<ParamSpec> params;
    std::vector<std::string> sites; ///< of adaptations: where it can sit
    std::vector<std::string> defaultSites;
    bool mergesIntoWeights = false;
    bool keepsKnowledge = false; ///< forgets less than most
    bool needsSmallMemory = false; ///< far fewer trained numbers than most
    bool isPromptLike = false; ///< virtual tokens before the text
    bool takesWeights = false; ///< no other method that does may share a site with it
    std::string paper; ///< "Hu et al. 2021, LoRA: ..."; empty: none
    bool isReimplemented = false; ///< no official code exists: written after the paper
};

/// Whether an experiment's model and data suit an objective.
struct ObjectiveFit
{
    std::string objective;
    bool fits = false;
    std::string whyNot; ///< what is missing
    std::string hint; ///< what to do

    bool operator==(const ObjectiveFit&) const = default;
};

/// A row of the table of runs.
struct RunSummary
{
    std::int64_t id = 0;
    std::string name;
    RunState state = RunState::Queued;
    std::string model; ///< name of the base model
    std::string method; ///< ids: "lora", "lora + ia3"
    std::string methodTitle; ///< the same for people: "LoRA"
    std::int64_t step = 0;
    std::int64_t steps = 0;
    std::string created; ///< ISO 8601, local time
    double seconds = 0.0; ///< training time so far
    std::string adapter; ///< folder of the newest adapter; empty: none yet
    std::string failure; ///< what happened; hint behind a newline
    /// Latest value by name, from step 1 on. Every step: "loss", "learningRate", "gradientNorm",
    /// "tokensPerSecond", "memoryBytes", "tokens" and "seconds" (both from the start of the run on,
    /// for the x axis). At evaluations, the first of them at step 0: "heldOut.loss", "general.loss"
    /// (nats per token).
    std::map<std::string, double> metrics;
    std::map<std::string, double> firstMetrics; ///< value before training, where it was measured

    bool operator==(const RunSummary&) const = default;
};

struct MetricPoint
{
    std::int64_t step = 0;
    double value = 0.0;

    bool operator==(const MetricPoint&) const = default;
};

struct RunEvent
{
    std::string time; ///< ISO 8601
    std::int64_t step = 0;
    std::string
        kind; ///< "started", "checkpoint", "evaluation", "stopped", "resumed", "failed", "finished"
    std::string text;

    bool operator==(const RunEvent&) const = default;
};

/// What the model wrote for a held-out prompt, base and tuned, beside the target.
struct RunSample
{
    std::int64_t step = 0; ///< 0: before training
    std::string prompt;
    std::string target;
    std::string text;

    bool operator==(const RunSample&) const = default;
};

struct Checkpoint
{
    std::int64_t step = 0;
    std::string folder; ///< holds an adapter in PEFT's layout

    bool operator==(const Checkpoint&) const = default;
};

struct GenerateOptions
{
    bool chat = true; ///< the prompt is a user's message under the chat template
    std::vector<std::int64_t> promptIds; ///< where not empty: go on from these instead of a text
    std::string system;
    std::int64_t maxTokens = 128;
    bool greedy = true;
    double temperature = 1.0;
    double topP = 1.0;
    std::int64_t topK = 0; ///< 0: off
    double minP = 0.0; ///< 0: off
    double repetitionPenalty = 1.0; ///< 1: off
    std::vector<std::string> stops; ///< the answer ends behind one of these texts
    std::int64_t seed = 7;
    std::optional<BeamOptions> beams; ///< beam search
    std::optional<PackedKind> weights; ///< computes with rounded weights, faster; nothing: float32

    bool operator==(const GenerateOptions&) const = default;
};

struct Generated
{
    std::vector<std::int64_t> ids; ///< new ones only
    std::string text;
    double tokensPerSecond = 0.0;
    bool endedByItself = false;

    bool operator==(const Generated&) const = default;
};

/// One of several texts that are written together.
struct GeneratedRow
{
    std::int64_t row = 0; ///< of the prompts, from 0
    Generated text;

    bool operator==(const GeneratedRow&) const = default;
};

} // namespace tw
