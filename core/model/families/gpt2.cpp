// SPDX-License-Identifier: Apache-2.0
// GPT-2 (Radford et al. 2019): q, k and v in one matrix, linear weights stored [in, out], learned
// positions.

#include "core/base/translate.h"
#include "core/model/config_keys.h"
#include "core/model/gguf_names.h"
#include "core/model/registry.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

void common(ModelConfig& to)
{
    to.family = "gpt2";
    to.kvHeads = to.heads;
    to.headSize = to.heads > 0 ? to.hiddenSize / to.heads : 0;
    to.positions = Positions::Learned;
    to.norm = NormKind::Layer;
    to.qkv = QkvLayout::Stacked;
    to.isGated = false;
    to.hasQkvBias = to.hasOutputBias = to.hasMlpBias = true;
    to.storesTransposed = true;
}

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to;
    readTask(keys, to);
    to.vocabularySize = keys.integer("vocab_size", 50257);
    to.hiddenSize = keys.integer("n_embd", 768);
    to.layers = keys.integer("n_layer", 12);
    to.heads = keys.integer("n_head", 12);
    to.intermediateSize = keys.integer("n_inner", 4 * to.hiddenSize);
    to.contextLength = keys.integer("n_positions", 1024);
    to.normEpsilon = keys.real("layer_norm_epsilon", 1e-5);
    to.activation = keys.text("activation_function", "gelu_new");
    to.tiesHead = keys.flag("tie_word_embeddings", true);
    to.dividesScaleByLayer = keys.flag("scale_attn_by_inverse_layer_idx", false);
    if (!keys.flag("scale_attn_weights", true))
        to.attentionScale = 1.0;
    if (keys.flag("add_cross_attention", false))
        throw Error(
            "it is the decoder of a larger model (add_cross_attention), which is not supported "
            "by itself.",
            "Choose another model.");
    common(to);
    return to;
}

ModelConfig configFromGguf(const TensorFile& gguf)
{
    const GgufKeys keys(gguf);
    ModelConfig to;
    to.architecture = "GPT2LMHeadModel";
    const TensorInfo* tokens = gguf.find("token_embd.weight");
    to.vocabularySize = tokens != nullptr && !tokens->shape.empty() ? tokens->shape.front() : 0;
    to.hiddenSize = keys.integer("embedding_length");
    to.layers = keys.integer("block_count");
    to.heads = keys.integer("attention.head_count");
    to.intermediateSize = keys.integer("feed_forward_length");
    to.contextLength = keys.integer("context_length");
    to.normEpsilon = keys.real("attention.layer_norm_epsilon");
    to.activation = "gelu_new";
    to.tiesHead = gguf.find("output.weight") == nullptr;
    common(to);
    return to;
}

ModuleNames names(const ModelConfig&)
{
    return std::map<SiteKind, std::string> {{SiteKind::Embed, "transformer.wte"},
                                            {SiteKind::EmbedPosition, "transformer.wpe"},
                                            {SiteKind::Norm1, "transformer.h.{}.ln_1"},
                                            {SiteKind::AttnQkv, "transformer.h.{}.attn.c_attn"},
                                            {SiteKind::AttnO, "transformer.h.{}.attn.c_proj"},
                                            {SiteKind::AttnOut, "transformer.h.{}.attn"},
                                            {SiteKind::Norm2, "transformer.h.{}.ln_2"},
                                            {SiteKind::MlpUp, "transformer.h.{}.mlp.c_fc"},
                                            {SiteKind::MlpDown, "transformer.h.{}.mlp.c_proj"},
                                            {SiteKind::MlpOut, "transformer.h.{}.mlp"},
                                            {SiteKind::BlockOut, "transformer.h.{}"},
                                            {SiteKind::FinalNorm, "transformer.ln_f"},
                                            {SiteKind::Head, "lm_head"}};
}

std::string ggufName(const std::string& name, const ModelConfig&)
{
    return ggufNameOf(name, "transformer.h.",
                      {{"transformer.wte", "token_embd"},
                       {"transformer.wpe", "position_embd"},
                       {"transformer.ln_f", "output_norm"},
                       {"lm_head", "output"}},
                      {{"ln_1", "attn_norm"},
                       {"attn.c_attn", "attn_qkv"},
                       {"attn.c_proj", "attn_output"},
                       {"ln_2", "ffn_norm"},
                       {"mlp.c_fc", "ffn_up"},
                       {"mlp.c_proj", "ffn_down"}});
}

/// llama.cpp's converter stores linear weights as [out, in].
at::Tensor fromGguf(const std::string& name, const at::Tensor& stored, const ModelConfig&)
{
    const bool isLinear = name.find(".h.") != std::string::npos && stored.dim() == 2;
    return isLinear ? stored.t() : stored;
}

} // namespace

void registerGpt2(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "gpt2";
    family.title = QT_TRANSLATE_NOOP("family", "GPT-2");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("GPT2") || architecture == "gpt2";
    };
    family.configFromJson = configFromJson;
    family.configFromGguf = configFromGguf;
    family.names = names;
    family.prefix = "transformer.";
    family.heads = {"score", "classifier", true};
    family.ggufName = ggufName;
    family.fromGguf = fromGguf;
    registry.add(std::move(family));
}

} // namespace tw
