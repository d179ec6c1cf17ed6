// SPDX-License-Identifier: Apache-2.0
// T5 (Raffel et al. 2020), its version 1.1 with gated MLPs (Shazeer 2020), Flan-T5 and mT5.

#include "core/base/translate.h"
#include "core/model/config_keys.h"
#include "core/model/encoder_decoder.h"
#include "core/model/registry.h"

#include <cmath>

namespace tw {
namespace {

/// feed_forward_proj: "relu", or "gated-" before the name of an activation.
void readMlp(const JsonKeys& keys, ModelConfig& to)
{
    const std::string kind = keys.text("feed_forward_proj", "relu");
    const std::string gated = "gated-";
    to.isGated = kind.starts_with(gated);
    to.activation = to.isGated ? kind.substr(gated.size()) : kind;
    if (kind == "gated-gelu") // the approximation was meant when the name was given
        to.activation = "gelu_new";
}

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to;
    to.family = "t5";
    to.paddingId = 0;
    readTask(keys, to);
    const bool hasHead = to.architecture.ends_with("ForConditionalGeneration")
        || to.architecture.ends_with("WithLMHeadModel"); // as old files spell it
    const bool hasDecoder = !to.architecture.ends_with("EncoderModel");
    to.task = hasHead ? ModelTask::ConditionalGeneration : ModelTask::Base;
    to.vocabularySize = keys.integer("vocab_size");
    to.hiddenSize = keys.integer("d_model");
    to.headSize = keys.integer("d_kv");
    to.intermediateSize = keys.integer("d_ff");
    to.layers = keys.integer("num_layers");
    to.decoderLayers = hasDecoder ? keys.integer("num_decoder_layers", to.layers) : 0;
    if (hasDecoder && to.decoderLayers < 1)
        throw Error("the key \"num_decoder_layers\" has to be at least 1.", kFetchAgain);
    to.heads = to.kvHeads = keys.integer("num_heads");
    to.contextLength = keys.integer("n_positions", 512); // of its training; nothing ends there
    to.normEpsilon = keys.real("layer_norm_epsilon", 1e-6);
    to.positions = Positions::None;
    to.relative = {keys.integer("relative_attention_num_buckets", 32),
                   keys.integer("relative_attention_max_distance", 128)};
    to.isCausal = false;
    to.attentionScale = 1.0;
    readMlp(keys, to);
    to.tiesHead = keys.flag("tie_word_embeddings", true);
    if (to.tiesHead && to.hiddenSize > 0)
        to.logitScale = 1.0 / std::sqrt(static_cast<double>(to.hiddenSize));
    to.startId = keys.integer("decoder_start_token_id", to.paddingId);
    if (to.startId < 0 || to.startId >= to.vocabularySize)
        throw Error("the key \"decoder_start_token_id\" is " + std::to_string(to.startId)
                        + ", which is no token of its vocabulary.",
                    kFetchAgain);
    return to;
}

ModuleNames stackNames(const ModelConfig& config, const std::string& stack, const char* mlpPlace)
{
    const std::string layer = stack + ".block.{}.layer.";
    const std::string mlp = layer + mlpPlace;
    return std::map<SiteKind, std::string> {
        {SiteKind::EmbedRelative, stack + ".block.0.layer.0.SelfAttention.relative_attention_bias"},
        {SiteKind::Norm1, layer + "0.layer_norm"},
        {SiteKind::AttnQ, layer + "0.SelfAttention.q"},
        {SiteKind::AttnK, layer + "0.SelfAttention.k"},
        {SiteKind::AttnV, layer + "0.SelfAttention.v"},
        {SiteKind::AttnO, layer + "0.SelfAttention.o"},
        {SiteKind::AttnOut, layer + "0.SelfAttention"},
        {SiteKind::CrossNorm, layer + "1.layer_norm"},
        {SiteKind::CrossQ, layer + "1.EncDecAttention.q"},
        {SiteKind::CrossK, layer + "1.EncDecAttention.k"},
        {SiteKind::CrossV, layer + "1.EncDecAttention.v"},
        {SiteKind::CrossO, layer + "1.EncDecAttention.o"},
        {SiteKind::Norm2, mlp + ".layer_norm"},
        {SiteKind::MlpGate, mlp + ".DenseReluDense.wi_0"},
        {SiteKind::MlpUp, mlp + (config.isGated ? ".DenseReluDense.wi_1" : ".DenseReluDense.wi")},
        {SiteKind::MlpDown, mlp + ".DenseReluDense.wo"},
        {SiteKind::MlpOut, mlp + ".DenseReluDense"},
        {SiteKind::BlockOut, stack + ".block.{}"},
        {SiteKind::FinalNorm, stack + ".final_layer_norm"}};
}

ModuleNames names(const ModelConfig& config)
{
    return stackNames(config, "encoder", "1")
        .with({{SiteKind::Embed, "shared"}, {SiteKind::Head, "lm_head"}});
}

} // namespace

void registerT5(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "t5";
    family.title = QT_TRANSLATE_NOOP("family", "T5, Flan-T5 and mT5");
    family.reads = [](const std::string& architecture) {
        for (const char* name : {"T5", "MT5"})
            for (const char* kind :
                 {"ForConditionalGeneration", "WithLMHeadModel", "EncoderModel", "Model"})
                if (architecture == std::string(name) + kind)
                    return true;
        return false;
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.build = [](const ModelSource& source, WeightSource& weights) -> std::unique_ptr<Model> {
        const EncoderDecoderNames both {source.names(), stackNames(source.config, "decoder", "2")};
        return std::make_unique<EncoderDecoder>(source.config, both, weights);
    };
    // Files of encoders alone may name the table after its user.
    family.otherName = [](const std::string& name) {
        return name == "shared.weight" ? std::string("encoder.embed_tokens.weight") : name;
    };
    registry.add(std::move(family));
}

} // namespace tw
