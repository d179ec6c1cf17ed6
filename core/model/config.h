// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/site.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tw {

enum class NormKind
{
    Rms, ///< x / rms(x) * w (Zhang and Sennrich 2019)
    Layer ///< (x - mean) / deviation * w + b (Ba et al. 2016)
};

/// Where the norms of a block stand, f being its attention or its MLP.
enum class NormPlace
{
    Before, ///< x + f(norm(x)), since GPT-2
    AfterSum, ///< norm(x + f(x)): BERT and the original transformer
    AfterPart, ///< x + norm(f(x)): OLMo2
    Around ///< x + norm(f(norm(x))): Gemma 2
};

enum class QkNorm
{
    None,
    PerHead, ///< RMS norm of each head of q and k, before they are turned (Qwen3)
    Whole ///< of all heads of q, and of k, as one vector (OLMo2)
};

/// How a layer stores the three matrices of its attention.
enum class QkvLayout
{
    Separate,
    Stacked, ///< one matrix: all of q, then k, then v (GPT-2, Phi-3)
    Grouped ///< one matrix: for each key head its queries, its key and its value (GPT-NeoX, Falcon)
};

enum class Positions
{
    None, ///< given by what stands around the stack
    Rotary,
    Learned, ///< a table of vectors, added to the embedding
    Alibi ///< a slope for each head on the distance (Press et al. 2022)
};

/// Which number the position of a token is, where rows are padded.
enum class PositionCount
{
    Columns, ///< its column
    Attended, ///< how many attended tokens stand before it
    NotPadding ///< how many tokens that are not the padding token stand before it (RoBERTa)
};

/// What a class of Transformers does with the hidden states, after its name's ending.
enum class ModelTask
{
    Base, ///< nothing: LlamaModel, BertModel
    CausalLm,
    MaskedLm,
    PreTraining,
    SequenceClassification, ///< regression too
    TokenClassification,
    QuestionAnswering,
    Classification, ///< of an image or a sound
    Ctc, ///< a letter, or none, for each stretch of a sound (Graves et al. 2006)
    ConditionalGeneration, ///< an answer to what an encoder read: T5ForConditionalGeneration
    Other ///< what only the family knows
};
ModelTask taskFrom(const std::string& architecture);

/// Scores between contents and relative positions (DeBERTa, He et al. 2021).
struct Disentangled
{
    std::int64_t span = 0; ///< distances from -span to span - 1 have a vector
    std::int64_t buckets = 0; ///< of distances; 0: each has its own
    std::int64_t farthest = 0; ///< distance that falls into the last bucket
    bool hasKeys = true; ///< from contents to positions, "c2p"
    bool hasQueries = true; ///< from positions to contents, "p2c"
    bool sharesProjections = false; ///< positions go through q and k themselves
    bool hasNorm = false; ///< over the vectors of positions
    double scale = 1.0; ///< as of the other scores

    bool operator==(const Disentangled&) const = default;
};

/// How an image is cut into patches that become tokens. A spectrogram is an image of one channel:
/// frequencies from top to bottom, time from left to right.
struct Patches
{
    std::int64_t channels = 3;
    std::int64_t height = 224; ///< pixels of the images that the positions are made for
    std::int64_t width = 224;
    std::int64_t size = 16; ///< of a patch, pixels at each side
    std::int64_t rowStride = 16; ///< pixels from a patch to the one below
    std::int64_t columnStride = 16;
    bool hasBias = true;
    bool isSpectrogram = false; ///< read as "input_values" [n, time, frequencies]
    bool takesOtherSizes = false; ///< its positions are interpolated

    std::int64_t rows() const { return (height - size) / rowStride + 1; }
    std::int64_t columns() const { return (width - size) / columnStride + 1; }
    bool operator==(const Patches&) const = default;
};

/// How sound becomes tokens (wav2vec 2.0, Baevski et al. 2020): convolutions over the samples, then
/// a wide one over the tokens that tells them where they stand.
struct Waveform
{
    struct Convolution
    {
        std::int64_t channels = 512;
        std::int64_t kernel = 3; ///< samples, or outputs of the convolution before
        std::int64_t stride = 2;

        bool operator==(const Convolution&) const = default;
    };
    std::vector<Convolution> convolutions;
    bool hasBias = false;
    bool normsEach = false; ///< a layer norm behind each; else a group norm behind the first
    bool normsFeatures = true; ///< before they are projected to the hidden size
    std::string activation = "gelu"; ///< Transformers' name
    std::int64_t positionKernel = 128; ///< tokens
    std::int64_t positionGroups = 16;

    /// Tokens that so many samples make; 0 where they are too few for one.
    std::int64_t tokensOf(std::int64_t samples) const;
    bool operator==(const Waveform&) const = default;
};

/// A number for each head and each distance between query and key is added to the scores; far
/// distances share one (T5, Raffel et al. 2020, section 2.1).
struct RelativeBuckets
{
    std::int64_t buckets = 32; ///< half of them for keys behind the query where it sees such
    std::int64_t farthest = 128; ///< distance from which on all share the last bucket

    bool operator==(const RelativeBuckets&) const = default;
};

/// Options of the one transformer block and of what stands around it. A family translates its
/// config.json or GGUF keys into this; later families add options here, not blocks.
struct ModelConfig
{
    std::string family; ///< id of the family plug-in, "llama"
    std::string architecture; ///< Hugging Face's class, "LlamaForCausalLM"
    ModelTask task = ModelTask::CausalLm;
    std::vector<std::string> labels; ///< names of what a classifier tells apart, by their number
    std::int64_t vocabularySize = 0;
    std::int64_t hiddenSize = 0;
    std::int64_t intermediateSize = 0;
    std::int64_t layers = 0;
    std::int64_t decoderLayers = 0; ///< behind the encoder's layers; 0: there is one stack
    std::int64_t startId = -1; ///< the token that such a decoder's text begins with
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headSize = 0;
    std::int64_t contextLength = 0;
    double normEpsilon = 1e-5;
    double ropeTheta = 10000.0;
    std::int64_t rotarySize = 0; ///< of each head, that is turned; 0: all of it
    /// Rotary frequency scaling; kind is Hugging Face's rope_type ("default", "linear", "dynamic",
    /// "llama3", "yarn", "longrope"), or "factors" where a GGUF file holds one divisor per
    /// frequency.
    struct RopeScaling
    {
        std::string kind = "default";
        double factor = 1.0;
        double lowFrequencyFactor = 1.0;
        double highFrequencyFactor = 4.0;
        double fastRotations = 32.0; ///< yarn's beta_fast: who turns more often keeps its speed
        double slowRotations = 1.0; ///< yarn's beta_slow: who turns less often is slowed down
        std::optional<double> attentionFactor; ///< yarn, longrope; nothing: made from factor
        std::int64_t originalContext = 0;
        std::vector<double> factors; ///< divisors per frequency: "factors", "longrope" when short
        std::vector<double> longFactors; ///< "longrope" beyond the original context

        bool operator==(const RopeScaling&) const = default;
    } rope;
    std::optional<std::int64_t>
        slidingWindow; ///< a token attends to the last N positions, itself included
    /// Per layer, whether it has the sliding window; empty: every layer has it.
    std::vector<bool> hasWindow;
    /// Base of the layers with a window, whose frequencies are not scaled (Gemma 3).
    std::optional<double> localRopeTheta;
    Positions positions = Positions::Rotary;
    PositionCount positionCount = PositionCount::Columns;
    std::int64_t positionOffset = 0; ///< of the table of learned positions
    std::int64_t paddingId = -1; ///< where positions or the last token are counted without it

    NormKind norm = NormKind::Rms;
    NormPlace normPlace = NormPlace::Before;
    bool addsOneToNorm = false; ///< norms multiply by 1 + w (Gemma)
    bool hasFinalNorm = true;
    bool hasEmbedNorm = false;

    bool hasLayerScale = false; ///< what attention and MLP add is scaled, number by number
    bool isCausal = true;
    std::optional<Disentangled> disentangled;
    std::optional<RelativeBuckets> relative;
    QkvLayout qkv = QkvLayout::Separate;
    QkNorm qkNorm = QkNorm::None;
    std::optional<double> attentionScale; ///< of q k^T; nothing: 1 / sqrt(headSize)
    bool dividesScaleByLayer = false; ///< by the layer's number from 1
    bool roundsAlibi = false; ///< to bfloat16, and scales it with the scores (Falcon)
    double attentionCap = 0.0; ///< scores become cap * tanh(score / cap); 0: they do not
    double logitCap = 0.0; ///< likewise
    double logitScale = 1.0;

    std::string activation = "silu"; ///< Transformers' name
    bool isGated = true; ///< down(activation(gate) * up), else down(activation(up))
    bool fusesGateUp = false; ///< one matrix: all of gate, then up
    bool isParallel = false; ///< x + attention(norm1(x)) + mlp(norm2(x))
    bool sharesNorm = false; ///< parallel, and norm1 serves the MLP too

    bool hasQkvBias = false;
    bool hasOutputBias = false; ///< on o
    bool hasMlpBias = false;
    bool hasHeadBias = false;
    bool storesTransposed = false; ///< linear weights are [in, out] in the file (GPT-2)

    double embeddingScale = 1.0; ///< token vectors are multiplied with it
    std::int64_t embeddingSize = 0; ///< where it is not the hidden size; 0: it is
    bool projectsSum = false; ///< the sum of all embeddings is projected, not the tokens' alone
    bool normsProjected = false; ///< and the norm comes behind that
    std::int64_t tokenTypes = 0; ///< kinds of tokens that have a vector of their own (BERT)
    std::optional<Patches> patches; ///< of a model that sees
    std::optional<Waveform> waveform; ///< of a model that hears samples
    bool tiesHead = false; ///< the head is the embedding
    std::string
        dtype; ///< that most bytes are stored in, as the file spells it: "F32", "BF16", "Q4_1"

    std::optional<std::int64_t> windowOf(std::int64_t layer) const
    {
        const bool has = hasWindow.empty() || hasWindow.at(static_cast<std::size_t>(layer));
        return has ? slidingWindow : std::nullopt;
    }
    std::int64_t turned() const { return rotarySize > 0 ? rotarySize : headSize; }
    std::int64_t embeddingWidth() const { return embeddingSize > 0 ? embeddingSize : hiddenSize; }
    std::int64_t queryWidth() const { return heads * headSize; }
    std::int64_t keyWidth() const { return kvHeads * headSize; } ///< of values as well
    bool readsText() const { return vocabularySize > 0 && !waveform; }

    bool operator==(const ModelConfig&) const = default;
};

constexpr std::int64_t kMostPixels = 1 << 16; ///< of an image, in a row
constexpr std::int64_t kMostLayers = 2048; ///< ten times the deepest published model

/// Throws Error where sizes contradict each other or are larger than any model; configs are hostile
/// until this passed. `where` (a file) stands in the Error.
void checkConfig(const ModelConfig& config, const std::string& where);

} // namespace tw
