// SPDX-License-Identifier: Apache-2.0
// What wav2vec 2.0 and HuBERT share.

#include "core/base/error.h"
#include "core/model/wave_model.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

using Whole = std::vector<std::int64_t>;

Whole wholeNumbers(const JsonKeys& keys, const char* key, const Whole& otherwise)
{
    const Json* list = keys.find(key);
    if (list == nullptr)
        return otherwise;
    Whole numbers;
    for (const Json& number : *list) {
        if (!number.is_number_integer())
            break;
        numbers.push_back(number.get<std::int64_t>());
    }
    if (!list->is_array() || numbers.empty() || numbers.size() != list->size())
        throw Error("the key \"" + std::string(key) + "\" has to be a list of whole numbers.",
                    kFetchAgain);
    return numbers;
}

Waveform waveformFrom(const JsonKeys& keys)
{
    const Whole channels = wholeNumbers(keys, "conv_dim", {512, 512, 512, 512, 512, 512, 512});
    const Whole strides = wholeNumbers(keys, "conv_stride", {5, 2, 2, 2, 2, 2, 2});
    const Whole kernels = wholeNumbers(keys, "conv_kernel", {10, 3, 3, 3, 3, 2, 2});
    if (strides.size() != channels.size() || kernels.size() != channels.size())
        throw Error("the lists conv_dim, conv_stride and conv_kernel have different lengths.",
                    kFetchAgain);
    Waveform wave;
    for (std::size_t i = 0; i < channels.size(); ++i)
        wave.convolutions.push_back({channels[i], kernels[i], strides[i]});
    const std::string norm = keys.text("feat_extract_norm", "group");
    if (norm != "group" && norm != "layer")
        throw Error("its feat_extract_norm \"" + norm + "\" is not supported.",
                    "Choose a model that has group or layer.");
    wave.normsEach = norm == "layer";
    wave.hasBias = keys.flag("conv_bias", false);
    wave.normsFeatures = keys.flag("feat_proj_layer_norm", true);
    wave.activation = keys.text("feat_extract_activation", "gelu");
    wave.positionKernel = keys.integer("num_conv_pos_embeddings", 128);
    wave.positionGroups = keys.integer("num_conv_pos_embedding_groups", 16);
    return wave;
}

void refuseWhatIsNotRead(const JsonKeys& keys)
{
    for (const char* key : {"add_adapter", "use_weighted_layer_sum", "conv_pos_batch_norm"})
        if (keys.flag(key, false))
            throw Error("it has the setting \"" + std::string(key) + "\", which is not supported.",
                        "Choose a model without it.");
    if (keys.find("adapter_attn_dim") != nullptr)
        throw Error("it has an adapter for each language (adapter_attn_dim), which is not "
                    "supported.",
                    "Choose a model of one language.");
}

} // namespace

ModelConfig waveConfig(const JsonKeys& keys)
{
    refuseWhatIsNotRead(keys);
    ModelConfig to;
    readTask(keys, to);
    to.vocabularySize = to.task == ModelTask::Ctc ? keys.integer("vocab_size", 32) : 0;
    to.hiddenSize = keys.integer("hidden_size", 768);
    to.layers = keys.integer("num_hidden_layers", 12);
    to.heads = to.kvHeads = keys.integer("num_attention_heads", 12);
    to.headSize = to.heads > 0 ? to.hiddenSize / to.heads : 0;
    to.intermediateSize = keys.integer("intermediate_size", 3072);
    to.activation = keys.text("hidden_act", "gelu");
    to.normEpsilon = keys.real("layer_norm_eps", 1e-5);
    to.norm = NormKind::Layer;
    to.hasFinalNorm = keys.flag("do_stable_layer_norm", false);
    to.hasEmbedNorm = !to.hasFinalNorm;
    to.normPlace = to.hasFinalNorm ? NormPlace::Before : NormPlace::AfterSum;
    to.positions = Positions::None;
    to.isCausal = false;
    to.isGated = false;
    to.hasQkvBias = to.hasOutputBias = to.hasMlpBias = true;
    to.waveform = waveformFrom(keys);
    return to;
}

ModuleNames waveNames(const std::string& prefix)
{
    const std::string layer = prefix + "encoder.layers.{}.";
    return std::map<SiteKind, std::string> {
        {SiteKind::AttnQ, layer + "attention.q_proj"},
        {SiteKind::AttnK, layer + "attention.k_proj"},
        {SiteKind::AttnV, layer + "attention.v_proj"},
        {SiteKind::AttnO, layer + "attention.out_proj"},
        {SiteKind::AttnOut, layer + "attention"},
        {SiteKind::Norm1, layer + "layer_norm"},
        {SiteKind::MlpUp, layer + "feed_forward.intermediate_dense"},
        {SiteKind::MlpDown, layer + "feed_forward.output_dense"},
        {SiteKind::MlpOut, layer + "feed_forward"},
        {SiteKind::Norm2, layer + "final_layer_norm"},
        {SiteKind::BlockOut, prefix + "encoder.layers.{}"},
        {SiteKind::FinalNorm, prefix + "encoder.layer_norm"}};
}

std::string oldKernelName(const std::string& name)
{
    const std::string now = ".parametrizations.weight.original";
    const auto place = name.find(now);
    if (place == std::string::npos)
        return name;
    return name.substr(0, place) + (name.back() == '0' ? ".weight_g" : ".weight_v");
}

WaveHead waveHead(const ModelConfig& config, std::int64_t projectedSize, WeightSource& weights)
{
    if (config.task == ModelTask::Ctc) {
        const DenseLayer letters(weights, "lm_head", config.hiddenSize, config.vocabularySize);
        return [letters](const at::Tensor& hidden, const at::Tensor&, const FrameRows& rows) {
            return Tensors {{"logits", rows.spread(letters.forward(hidden))}};
        };
    }
    if (config.task != ModelTask::SequenceClassification)
        throw Error("models of the kind \"" + config.architecture + "\" are not supported.",
                    "Choose one whose class ends with Model, ForCTC or ForSequenceClassification.");
    const DenseLayer projector(weights, "projector", config.hiddenSize, projectedSize);
    const DenseLayer classifier(weights, "classifier", projectedSize,
                                static_cast<std::int64_t>(config.labels.size()));
    return [projector, classifier](const at::Tensor& hidden, const at::Tensor&,
                                   const FrameRows& rows) {
        return Tensors {{"logits", classifier.forward(rows.meanOf(projector.forward(hidden)))}};
    };
}

std::unique_ptr<Model> buildWave(const ModelSource& source,
                                 const std::string& prefix,
                                 const WaveHead& base,
                                 WeightSource& weights)
{
    const bool isBase = source.config.task == ModelTask::Base;
    const JsonKeys keys(parseJson(source.configText, "config.json"));
    return std::make_unique<WaveModel>(
        source.config, source.names(), isBase ? std::string() : prefix, weights,
        [&](const ModelConfig& config, WeightSource& from) {
            return isBase ? base
                          : waveHead(config, headWidth(keys, "classifier_proj_size", 256), from);
        });
}

} // namespace tw
