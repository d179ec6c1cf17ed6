// SPDX-License-Identifier: Apache-2.0
#include "core/model/config.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tw {
namespace {

// Ten times the largest published model in each direction: beyond it, products of sizes could
// overflow and allocations are an attack or a damaged file.
constexpr std::int64_t kMostVocabulary = 1 << 24;
constexpr std::int64_t kMostHidden = 1 << 18;
constexpr std::int64_t kMostIntermediate = 1 << 20;
constexpr std::int64_t kMostHeads = 4096;
constexpr std::int64_t kMostHeadSize = 4096;
constexpr std::int64_t kMostTypes = 1 << 16;
constexpr std::int64_t kMostContext = std::int64_t(1) << 31;
constexpr std::int64_t kMostChannels = 1024;
constexpr std::int64_t kMostConvolutions = 64;
constexpr std::int64_t kMostKernel = 1 << 16;

class Checker
{
public:
    explicit Checker(const std::string& where)
        : m_where(where)
    {
    }
    void size(const char* what, std::int64_t value, std::int64_t most) const
    {
        if (value < 1 || value > most)
            refuse(std::string(what) + " is " + std::to_string(value)
                   + ", which is not between 1 and " + std::to_string(most));
    }
    void holds(bool condition, const std::string& otherwise) const
    {
        if (!condition)
            refuse(otherwise);
    }
    void positive(const char* what, double value, double most) const
    {
        holds(std::isfinite(value) && value > 0 && value <= most,
              std::string(what) + " is " + std::to_string(value) + ", which makes no model");
    }

private:
    [[noreturn]] void refuse(const std::string& why) const
    {
        throw Error(m_where + ": the model's description is damaged: " + why + ".",
                    "Fetch the file again from where it came from.");
    }
    const std::string& m_where;
};

void checkRotary(const ModelConfig& config, const Checker& check)
{
    check.holds(config.turned() % 2 == 0 && config.turned() <= config.headSize,
                "rotary positions need an even part of a head, not "
                    + std::to_string(config.turned()) + " of " + std::to_string(config.headSize)
                    + " dimensions");
    check.positive("rope theta", config.ropeTheta, 1e15);
    check.positive("rope theta", config.localRopeTheta.value_or(1.0), 1e15);
    const ModelConfig::RopeScaling& rope = config.rope;
    check.positive("the rope factor", rope.factor, 1e6);
    if (rope.kind == "yarn") {
        check.size("the rope's original context", rope.originalContext, kMostContext);
        check.positive("the rope's beta_fast", rope.fastRotations, 1e6);
        check.positive("the rope's beta_slow", rope.slowRotations, 1e6);
        check.positive("the rope's attention factor", rope.attentionFactor.value_or(1.0), 1e6);
        check.holds(config.ropeTheta > 1.0, "yarn needs a rope theta above 1");
    }
    if (rope.kind == "llama3") {
        check.positive("the rope's low frequency factor", rope.lowFrequencyFactor, 1e6);
        check.positive("the rope's high frequency factor", rope.highFrequencyFactor, 1e6);
        check.holds(rope.highFrequencyFactor > rope.lowFrequencyFactor,
                    "the rope's high frequency factor is not above the low one");
        check.size("the rope's original context", rope.originalContext, kMostContext);
    }
    if (rope.kind == "factors")
        check.holds(static_cast<std::int64_t>(rope.factors.size()) == config.turned() / 2,
                    "there are " + std::to_string(rope.factors.size()) + " rope factors for "
                        + std::to_string(config.turned()) + " dimensions");
    if (rope.kind == "longrope") {
        const auto pairs = static_cast<std::size_t>(config.turned() / 2);
        check.size("the rope's original context", rope.originalContext, kMostContext);
        check.positive("the rope's attention factor", rope.attentionFactor.value_or(1.0), 1e6);
        check.holds(rope.factors.size() == pairs && rope.longFactors.size() == pairs,
                    "the rope's lists of factors have not " + std::to_string(pairs) + " entries");
        for (const double factor : rope.longFactors)
            check.positive("a rope factor", factor, 1e6);
    }
    if (rope.kind == "dynamic")
        check.holds(config.turned() > 2, "dynamic scaling needs more than two dimensions");
    for (const double factor : rope.factors)
        check.positive("a rope factor", factor, 1e6);
}

void checkPatches(const Patches& patches, const Checker& check)
{
    check.size("number of an image's channels", patches.channels, kMostChannels);
    check.size("image height", patches.height, kMostPixels);
    check.size("image width", patches.width, kMostPixels);
    check.size("patch size", patches.size, std::min(patches.height, patches.width));
    check.size("patch stride", patches.rowStride, kMostPixels);
    check.size("patch stride", patches.columnStride, kMostPixels);
}

void checkWaveform(const Waveform& wave, std::int64_t hiddenSize, const Checker& check)
{
    check.size("number of convolutions", static_cast<std::int64_t>(wave.convolutions.size()),
               kMostConvolutions);
    for (const Waveform::Convolution& convolution : wave.convolutions) {
        check.size("number of a convolution's channels", convolution.channels, kMostHidden);
        check.size("a convolution's kernel", convolution.kernel, kMostKernel);
        check.size("a convolution's stride", convolution.stride, kMostKernel);
    }
    check.size("kernel of the positions", wave.positionKernel, kMostKernel);
    check.size("number of the positions' groups", wave.positionGroups, hiddenSize);
    check.holds(hiddenSize % wave.positionGroups == 0,
                std::to_string(wave.positionGroups) + " groups cannot share "
                    + std::to_string(hiddenSize) + " numbers evenly");
}

/// Everything that becomes a dimension of a tensor.
void checkSizes(const ModelConfig& config, const Checker& check)
{
    const bool readsText = !config.patches && !config.waveform;
    if (readsText || config.vocabularySize != 0)
        check.size("vocabulary size", config.vocabularySize, kMostVocabulary);
    check.size("hidden size", config.hiddenSize, kMostHidden);
    check.size("intermediate size", config.intermediateSize, kMostIntermediate);
    check.size("number of layers", config.layers, kMostLayers);
    check.size("number of attention heads", config.heads, kMostHeads);
    check.size("number of key/value heads", config.kvHeads, config.heads);
    check.size("head size", config.headSize, kMostHeadSize);
    check.holds(config.heads % config.kvHeads == 0,
                std::to_string(config.heads) + " attention heads cannot share "
                    + std::to_string(config.kvHeads) + " key/value heads evenly");
    check.size("embedding width", config.embeddingWidth(), kMostHidden);
    check.holds(config.decoderLayers >= 0 && config.decoderLayers <= kMostLayers,
                std::to_string(config.decoderLayers) + " decoder layers make no model");
}

/// What a token may be, and where it may stand.
void checkPlaces(const ModelConfig& config, const Checker& check)
{
    if (!config.waveform) // which is as long as the sound
        check.size("context length", config.contextLength, kMostContext);
    check.holds(config.tokenTypes >= 0 && config.tokenTypes <= kMostTypes,
                std::to_string(config.tokenTypes) + " token types make no model");
    check.holds(config.positionOffset >= 0 && config.positionOffset <= kMostVocabulary,
                "positions start at " + std::to_string(config.positionOffset));
    if (config.slidingWindow)
        check.size("sliding window", *config.slidingWindow, kMostContext);
}

/// What numbers are scaled with and bounded by.
void checkScores(const ModelConfig& config, const Checker& check)
{
    check.positive("the norm's epsilon", config.normEpsilon, 1.0);
    check.positive("the scale of the embedding", config.embeddingScale, 1e6);
    check.positive("the scale of attention", config.attentionScale.value_or(1.0), 1e6);
    check.holds(std::isfinite(config.attentionCap) && config.attentionCap >= 0.0
                    && std::isfinite(config.logitCap) && config.logitCap >= 0.0,
                "a cap of scores or logits is below 0");
}

void checkDisentangled(const Disentangled& disentangled, const Checker& check)
{
    check.size("span of relative positions", disentangled.span, kMostTypes);
    check.holds(disentangled.buckets <= 0 || disentangled.buckets >= 4,
                "fewer than four buckets of relative positions make no model");
}

void checkRelative(const RelativeBuckets& relative, const Checker& check)
{
    // Half of the buckets, and half of those again, are for near distances.
    check.size("number of buckets of relative positions", relative.buckets, kMostTypes);
    check.holds(relative.buckets >= 4,
                "fewer than four buckets of relative positions make no model");
    check.size("farthest relative position", relative.farthest, kMostContext);
    check.holds(relative.farthest > relative.buckets / 2,
                "the farthest relative position lies within the near ones");
}

} // namespace

std::int64_t Waveform::tokensOf(std::int64_t samples) const
{
    std::int64_t count = samples;
    for (const Convolution& convolution : convolutions) {
        if (count < convolution.kernel)
            return 0;
        count = (count - convolution.kernel) / convolution.stride + 1;
    }
    return count;
}

ModelTask taskFrom(const std::string& architecture)
{
    static const std::vector<std::pair<std::string, ModelTask>> kEndings {
        {"ForCausalLM", ModelTask::CausalLm},
        {"LMHeadModel", ModelTask::CausalLm},
        {"ForMaskedLM", ModelTask::MaskedLm},
        {"ForPreTraining", ModelTask::PreTraining},
        {"ForSequenceClassification", ModelTask::SequenceClassification},
        {"ForTokenClassification", ModelTask::TokenClassification},
        {"ForQuestionAnswering", ModelTask::QuestionAnswering},
        {"ForImageClassification", ModelTask::Classification},
        {"ForAudioClassification", ModelTask::Classification},
        {"ForCTC", ModelTask::Ctc},
        {"ForConditionalGeneration", ModelTask::ConditionalGeneration},
        {"Model", ModelTask::Base}};
    for (const auto& [ending, task] : kEndings)
        if (architecture.ends_with(ending))
            return task;
    return ModelTask::Other;
}

void checkConfig(const ModelConfig& config, const std::string& where)
{
    const Checker check(where);
    checkSizes(config, check);
    checkPlaces(config, check);
    checkScores(config, check);
    if (config.patches)
        checkPatches(*config.patches, check);
    if (config.waveform)
        checkWaveform(*config.waveform, config.hiddenSize, check);
    if (config.disentangled)
        checkDisentangled(*config.disentangled, check);
    if (config.relative)
        checkRelative(*config.relative, check);
    if (config.positions == Positions::Rotary)
        checkRotary(config, check);
}

} // namespace tw
