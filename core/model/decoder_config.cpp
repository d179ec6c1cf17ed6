// SPDX-License-Identifier: Apache-2.0
#include "core/model/decoder_config.h"

#include "core/base/error.h"
#include "core/model/gguf_names.h"

#include <ATen/ATen.h>

#include <set>

namespace tw {
namespace {

void checkRopeKind(const std::string& kind)
{
    const std::set<std::string> kKnown {"default", "linear", "dynamic",
                                        "llama3",  "yarn",   "longrope"};
    if (!kKnown.contains(kind))
        throw Error(
            "its rotary positions are scaled by \"" + kind + "\", which is not supported.",
            "Supported are no scaling, linear, dynamic, llama3, yarn and longrope. Choose another "
            "model, or one of the same family without stretched context.");
}

void readYarn(const JsonKeys& scaling, ModelConfig::RopeScaling& rope)
{
    rope.fastRotations = scaling.real("beta_fast", rope.fastRotations);
    rope.slowRotations = scaling.real("beta_slow", rope.slowRotations);
    if (!scaling.flag("truncate", true) || scaling.find("mscale") != nullptr)
        throw Error("its \"yarn\" positions have options that are not supported.",
                    "Supported are factor, beta_fast, beta_slow and attention_factor.");
    if (scaling.find("attention_factor") != nullptr)
        rope.attentionFactor = scaling.real("attention_factor", 1.0);
}

std::vector<double> divisorsFrom(const JsonKeys& scaling, const char* key)
{
    const Json* list = scaling.find(key);
    if (list == nullptr || !list->is_array())
        throw Error("its rope_scaling has no list \"" + std::string(key) + "\".", kFetchAgain);
    std::vector<double> divisors;
    for (const Json& value : *list) {
        if (!value.is_number())
            throw Error("the list \"" + std::string(key)
                            + "\" of its rope_scaling holds something "
                              "that is no number.",
                        kFetchAgain);
        divisors.push_back(value.get<double>());
    }
    return divisors;
}

/// The factor is that of the two context lengths where the config says both.
void readLongRope(const JsonKeys& keys, const JsonKeys& scaling, ModelConfig& to)
{
    ModelConfig::RopeScaling& rope = to.rope;
    rope.factors = divisorsFrom(scaling, "short_factor");
    rope.longFactors = divisorsFrom(scaling, "long_factor");
    rope.originalContext = keys.integer("original_max_position_embeddings", to.contextLength);
    if (keys.find("original_max_position_embeddings") != nullptr && rope.originalContext > 0)
        rope.factor =
            static_cast<double>(to.contextLength) / static_cast<double>(rope.originalContext);
    if (scaling.find("attention_factor") != nullptr)
        rope.attentionFactor = scaling.real("attention_factor", 1.0);
}

void refuseWhatIsNotExpressed(const JsonKeys& keys)
{
    if (keys.find("quantization_config") != nullptr)
        throw Error("its weights are quantised in a way that is not supported.",
                    "Choose the original model in float32, float16 or bfloat16, or a GGUF file.");
}

/// Transformers 5 says it for each kind of layer where windows have positions of their own.
JsonKeys ropeOfFullAttention(const JsonKeys& scaling, ModelConfig& to)
{
    const auto full = scaling.object("full_attention");
    const auto sliding = scaling.object("sliding_attention");
    if (!full || !sliding || scaling.size() != 2)
        throw Error("its rope_parameters name other kinds of layers than \"full_attention\" and "
                    "\"sliding_attention\".",
                    "Choose another model: only these two are supported, and both are needed.");
    if (const std::string kind = sliding->text("rope_type", "default"); kind != "default")
        throw Error("its rope_parameters scale \"sliding_attention\" by \"" + kind + "\".",
                    "Choose another model: only full attention may be scaled.");
    to.localRopeTheta = sliding->real("rope_theta", 10000.0);
    return *full;
}

/// Families go through the layers before checkConfig() sees them.
void checkLayers(std::int64_t layers)
{
    if (layers < 1 || layers > kMostLayers)
        throw Error("number of layers is " + std::to_string(layers)
                        + ", which is not between 1 and " + std::to_string(kMostLayers) + ".",
                    "Fetch the model again from where it came from.");
}

std::vector<double> numbersOf(const TensorFile& gguf, const std::string& name)
{
    const at::Tensor numbers = gguf.readFloat(name).to(at::kDouble).contiguous();
    return {numbers.const_data_ptr<double>(), numbers.const_data_ptr<double>() + numbers.numel()};
}

void readGgufLongRope(const TensorFile& gguf, const GgufKeys& keys, ModelConfig& to)
{
    ModelConfig::RopeScaling& rope = to.rope;
    rope.kind = "longrope";
    rope.factors = numbersOf(gguf, "rope_factors_short.weight");
    rope.longFactors = numbersOf(gguf, "rope_factors_long.weight");
    rope.originalContext = keys.integer("rope.scaling.original_context_length", to.contextLength);
    if (rope.originalContext > 0)
        rope.factor =
            static_cast<double>(to.contextLength) / static_cast<double>(rope.originalContext);
    if (keys.has("rope.scaling.attn_factor"))
        rope.attentionFactor = keys.real("rope.scaling.attn_factor");
}

void readGgufRope(const TensorFile& gguf, const GgufKeys& keys, ModelConfig& to)
{
    to.ropeTheta = keys.real("rope.freq_base", 10000.0);
    to.rotarySize = keys.integer("rope.dimension_count", to.headSize);
    const std::string kind = keys.text("rope.scaling.type", "none");
    if (gguf.find("rope_freqs.weight")
        != nullptr) { // how llama.cpp's converter stores "llama3" scaling
        to.rope.kind = "factors";
        to.rope.factors = numbersOf(gguf, "rope_freqs.weight");
    } else if (gguf.find("rope_factors_short.weight") != nullptr) {
        readGgufLongRope(gguf, keys, to);
    } else if (kind != "none") {
        checkRopeKind(kind);
        to.rope.kind = kind;
        to.rope.factor = keys.real("rope.scaling.factor");
        to.rope.fastRotations = keys.real("rope.scaling.yarn_beta_fast", to.rope.fastRotations);
        to.rope.slowRotations = keys.real("rope.scaling.yarn_beta_slow", to.rope.slowRotations);
        for (const char* key : {"rope.scaling.attn_factor", "rope.scaling.yarn_attn_factor",
                                "rope.scaling.yarn_ext_factor"})
            if (keys.real(key, 1.0) != 1.0)
                throw Error("the key \"" + keys.architecture() + "." + key
                                + "\" stretches its context in a way that is not supported.",
                            "Choose another model.");
        to.rope.originalContext =
            keys.integer("rope.scaling.original_context_length", to.contextLength);
    }
}

} // namespace

void readRope(const JsonKeys& keys, ModelConfig& to)
{
    to.ropeTheta = keys.real("rope_theta", to.ropeTheta);
    std::optional<JsonKeys> scaling = keys.object("rope_scaling");
    if (!scaling)
        scaling = keys.object("rope_parameters");
    if (!scaling)
        return;
    if (scaling->find("full_attention") != nullptr || scaling->find("sliding_attention") != nullptr)
        scaling = ropeOfFullAttention(*scaling, to);
    to.ropeTheta = scaling->real("rope_theta", to.ropeTheta);
    ModelConfig::RopeScaling& rope = to.rope;
    rope.kind = scaling->text("rope_type", scaling->text("type", "default"));
    if (rope.kind == "su") // as Phi-3's first files call it
        rope.kind = "longrope";
    checkRopeKind(rope.kind);
    if (rope.kind != "default" && rope.kind != "longrope" && scaling->find("factor") == nullptr)
        throw Error("its rope_scaling has no \"factor\".", kFetchAgain);
    rope.factor = scaling->real("factor", 1.0);
    rope.lowFrequencyFactor = scaling->real("low_freq_factor", rope.lowFrequencyFactor);
    rope.highFrequencyFactor = scaling->real("high_freq_factor", rope.highFrequencyFactor);
    rope.originalContext = scaling->integer("original_max_position_embeddings", to.contextLength);
    if (rope.kind == "yarn")
        readYarn(*scaling, rope);
    if (rope.kind == "longrope")
        readLongRope(keys, *scaling, to);
}

ModelConfig decoderConfig(const JsonKeys& keys, const DecoderDefaults& defaults)
{
    refuseWhatIsNotExpressed(keys);
    ModelConfig to;
    to.ropeTheta = defaults.ropeTheta;
    to.vocabularySize = keys.integer("vocab_size");
    to.hiddenSize = keys.integer("hidden_size");
    to.intermediateSize = keys.integer("intermediate_size");
    to.layers = keys.integer("num_hidden_layers");
    checkLayers(to.layers);
    to.heads = keys.integer("num_attention_heads");
    if (to.heads < 1)
        throw Error("the key \"num_attention_heads\" has to be at least 1.", kFetchAgain);
    const bool isSilent = !keys.says("num_key_value_heads"); // null means as many as heads
    to.kvHeads = keys.integer("num_key_value_heads",
                              isSilent ? defaults.kvHeads.value_or(to.heads) : to.heads);
    to.headSize = keys.integer("head_dim", defaults.headSize.value_or(to.hiddenSize / to.heads));
    to.contextLength = keys.integer("max_position_embeddings", defaults.contextLength);
    to.normEpsilon = keys.real("rms_norm_eps", 1e-6);
    to.tiesHead = keys.flag("tie_word_embeddings", defaults.tiesHead);
    to.activation = keys.text("hidden_act", "silu");
    to.rotarySize = static_cast<std::int64_t>(static_cast<double>(to.headSize)
                                              * keys.real("partial_rotary_factor", 1.0));
    readRope(keys, to);
    readTask(keys, to);
    return to;
}

ModelConfig decoderConfig(const TensorFile& gguf, const GgufKeys& keys)
{
    ModelConfig to;
    to.hiddenSize = keys.integer("embedding_length");
    to.intermediateSize = keys.integer("feed_forward_length");
    to.layers = keys.integer("block_count");
    checkLayers(to.layers);
    to.heads = keys.integer("attention.head_count");
    if (to.heads < 1)
        throw Error("the key \"" + keys.architecture()
                        + ".attention.head_count\" has to be at least 1.",
                    "The file is damaged; fetch it again.");
    to.kvHeads = keys.integer("attention.head_count_kv", to.heads);
    to.headSize = keys.integer("attention.key_length", to.hiddenSize / to.heads);
    to.contextLength = keys.integer("context_length");
    to.normEpsilon = keys.real("attention.layer_norm_rms_epsilon");
    if (keys.integer("expert_count", 0) > 0)
        throw Error("it is a mixture of experts, which is not supported.",
                    "Choose a dense model, e.g. SmolLM2 or Llama.");
    const TensorInfo* embedding = gguf.find("token_embd.weight");
    to.vocabularySize =
        embedding != nullptr && !embedding->shape.empty() ? embedding->shape.front() : 0;
    to.tiesHead = gguf.find("output.weight") == nullptr;
    to.hasQkvBias = gguf.find("blk.0.attn_q.bias") != nullptr;
    to.hasOutputBias = gguf.find("blk.0.attn_output.bias") != nullptr;
    to.hasMlpBias = gguf.find("blk.0.ffn_gate.bias") != nullptr;
    if (gguf.find("blk.0.attn_q_norm.weight") != nullptr)
        to.qkNorm = QkNorm::PerHead;
    if (keys.has("attention.sliding_window") && keys.integer("attention.sliding_window") > 0)
        to.slidingWindow = keys.integer("attention.sliding_window");
    readGgufRope(gguf, keys, to);
    return to;
}

ModuleNames decoderNames()
{
    return std::map<SiteKind, std::string> {
        {SiteKind::Embed, "model.embed_tokens"},
        {SiteKind::Norm1, "model.layers.{}.input_layernorm"},
        {SiteKind::AttnQ, "model.layers.{}.self_attn.q_proj"},
        {SiteKind::AttnK, "model.layers.{}.self_attn.k_proj"},
        {SiteKind::AttnV, "model.layers.{}.self_attn.v_proj"},
        {SiteKind::AttnQNorm, "model.layers.{}.self_attn.q_norm"},
        {SiteKind::AttnKNorm, "model.layers.{}.self_attn.k_norm"},
        {SiteKind::AttnO, "model.layers.{}.self_attn.o_proj"},
        {SiteKind::AttnOut, "model.layers.{}.self_attn"},
        {SiteKind::Norm2, "model.layers.{}.post_attention_layernorm"},
        {SiteKind::MlpGate, "model.layers.{}.mlp.gate_proj"},
        {SiteKind::MlpUp, "model.layers.{}.mlp.up_proj"},
        {SiteKind::MlpDown, "model.layers.{}.mlp.down_proj"},
        {SiteKind::MlpOut, "model.layers.{}.mlp"},
        {SiteKind::BlockOut, "model.layers.{}"},
        {SiteKind::FinalNorm, "model.norm"},
        {SiteKind::Head, "lm_head"}};
}

std::string decoderGgufName(const std::string& huggingFaceName,
                            const std::map<std::string, std::string>& ownParts)
{
    static const std::map<std::string, std::string> kWhole {
        {"model.embed_tokens", "token_embd"}, {"model.norm", "output_norm"}, {"lm_head", "output"}};
    static const std::map<std::string, std::string> kParts {
        {"input_layernorm", "attn_norm"},
        {"self_attn.qkv_proj", "attn_qkv"},
        {"self_attn.q_proj", "attn_q"},
        {"self_attn.k_proj", "attn_k"},
        {"self_attn.v_proj", "attn_v"},
        {"self_attn.o_proj", "attn_output"},
        {"self_attn.q_norm", "attn_q_norm"},
        {"self_attn.k_norm", "attn_k_norm"},
        {"post_attention_layernorm", "ffn_norm"},
        {"pre_feedforward_layernorm", "ffn_norm"},
        {"post_feedforward_layernorm", "post_ffw_norm"},
        {"mlp.gate_up_proj", "ffn_up"},
        {"mlp.gate_proj", "ffn_gate"},
        {"mlp.up_proj", "ffn_up"},
        {"mlp.down_proj", "ffn_down"}};
    std::map<std::string, std::string> parts = ownParts;
    parts.insert(kParts.begin(), kParts.end());
    return ggufNameOf(huggingFaceName, "model.layers.", kWhole, parts);
}

} // namespace tw
