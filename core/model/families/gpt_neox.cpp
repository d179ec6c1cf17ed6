// SPDX-License-Identifier: Apache-2.0
// GPT-NeoX (Black et al. 2022) and Pythia: a part of each head is turned, attention and MLP read
// the same states.

#include "core/base/translate.h"
#include "core/model/decoder_config.h"
#include "core/model/gguf_names.h"
#include "core/model/registry.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

void common(ModelConfig& to)
{
    to.family = "gpt_neox";
    to.kvHeads = to.heads;
    to.headSize = to.heads > 0 ? to.hiddenSize / to.heads : 0;
    to.norm = NormKind::Layer;
    to.qkv = QkvLayout::Grouped;
    to.isGated = false;
    to.hasMlpBias = true;
}

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to;
    readTask(keys, to);
    to.vocabularySize = keys.integer("vocab_size", 50432);
    to.hiddenSize = keys.integer("hidden_size", 6144);
    to.layers = keys.integer("num_hidden_layers", 44);
    to.heads = keys.integer("num_attention_heads", 64);
    to.intermediateSize = keys.integer("intermediate_size", 24576);
    to.contextLength = keys.integer("max_position_embeddings", 2048);
    to.normEpsilon = keys.real("layer_norm_eps", 1e-5);
    to.activation = keys.text("hidden_act", "gelu");
    to.tiesHead = keys.flag("tie_word_embeddings", false);
    to.isParallel = keys.flag("use_parallel_residual", true);
    to.hasQkvBias = to.hasOutputBias = keys.flag("attention_bias", true);
    common(to);
    to.ropeTheta = keys.real("rotary_emb_base", 10000.0);
    to.rotarySize =
        static_cast<std::int64_t>(static_cast<double>(to.headSize) * keys.real("rotary_pct", 0.25));
    readRope(keys, to);
    return to;
}

ModelConfig configFromGguf(const TensorFile& gguf)
{
    const GgufKeys keys(gguf);
    ModelConfig to;
    to.architecture = "GPTNeoXForCausalLM";
    const TensorInfo* tokens = gguf.find("token_embd.weight");
    to.vocabularySize = tokens != nullptr && !tokens->shape.empty() ? tokens->shape.front() : 0;
    to.hiddenSize = keys.integer("embedding_length");
    to.layers = keys.integer("block_count");
    to.heads = keys.integer("attention.head_count");
    to.intermediateSize = keys.integer("feed_forward_length");
    to.contextLength = keys.integer("context_length");
    to.normEpsilon = keys.real("attention.layer_norm_epsilon");
    to.activation = "gelu";
    to.isParallel = keys.text("use_parallel_residual", "true") == "true";
    to.hasQkvBias = gguf.find("blk.0.attn_qkv.bias") != nullptr;
    to.hasOutputBias = gguf.find("blk.0.attn_output.bias") != nullptr;
    to.rotarySize = keys.integer("rope.dimension_count");
    to.ropeTheta = keys.real("rope.freq_base", 10000.0);
    common(to);
    return to;
}

ModuleNames names(const ModelConfig&)
{
    return std::map<SiteKind, std::string> {
        {SiteKind::Embed, "gpt_neox.embed_in"},
        {SiteKind::Norm1, "gpt_neox.layers.{}.input_layernorm"},
        {SiteKind::AttnQkv, "gpt_neox.layers.{}.attention.query_key_value"},
        {SiteKind::AttnO, "gpt_neox.layers.{}.attention.dense"},
        {SiteKind::AttnOut, "gpt_neox.layers.{}.attention"},
        {SiteKind::Norm2, "gpt_neox.layers.{}.post_attention_layernorm"},
        {SiteKind::MlpUp, "gpt_neox.layers.{}.mlp.dense_h_to_4h"},
        {SiteKind::MlpDown, "gpt_neox.layers.{}.mlp.dense_4h_to_h"},
        {SiteKind::MlpOut, "gpt_neox.layers.{}.mlp"},
        {SiteKind::BlockOut, "gpt_neox.layers.{}"},
        {SiteKind::FinalNorm, "gpt_neox.final_layer_norm"},
        {SiteKind::Head, "embed_out"}};
}

std::string ggufName(const std::string& name, const ModelConfig&)
{
    return ggufNameOf(name, "gpt_neox.layers.",
                      {{"gpt_neox.embed_in", "token_embd"},
                       {"gpt_neox.final_layer_norm", "output_norm"},
                       {"embed_out", "output"}},
                      {{"input_layernorm", "attn_norm"},
                       {"attention.query_key_value", "attn_qkv"},
                       {"attention.dense", "attn_output"},
                       {"post_attention_layernorm", "ffn_norm"},
                       {"mlp.dense_h_to_4h", "ffn_up"},
                       {"mlp.dense_4h_to_h", "ffn_down"}});
}

/// llama.cpp's converter puts all of q before k before v; Hugging Face keeps each head's three
/// together.
at::Tensor fromGguf(const std::string& name, const at::Tensor& stored, const ModelConfig& config)
{
    if (name.find(".query_key_value.") == std::string::npos)
        return stored;
    return stored.reshape({3, config.heads, config.headSize, -1})
        .transpose(0, 1)
        .reshape(stored.sizes());
}

} // namespace

void registerGptNeox(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "gpt_neox";
    family.title = QT_TRANSLATE_NOOP("family", "GPT-NeoX and Pythia");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("GPTNeoXFor") || architecture == "GPTNeoXModel"
            || architecture == "gptneox";
    };
    family.configFromJson = configFromJson;
    family.configFromGguf = configFromGguf;
    family.names = names;
    family.prefix = "gpt_neox.";
    family.heads = {"score", "classifier", true};
    family.ggufName = ggufName;
    family.fromGguf = fromGguf;
    registry.add(std::move(family));
}

} // namespace tw
