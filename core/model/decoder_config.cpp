// SPDX-License-Identifier: Apache-2.0
#include "core/model/decoder_config.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

void checkRopeKind(const std::string& kind)
{
    if (kind != "default" && kind != "linear" && kind != "llama3" && kind != "yarn")
        throw Error("its rotary positions are scaled by \"" + kind + "\", which is not supported.",
                    "Supported are no scaling, \"linear\", \"llama3\" and \"yarn\". Choose another "
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

/// rope_scaling says "type", "rope_type" or both; Transformers 5 calls it rope_parameters and puts
/// theta inside.
void readRope(const JsonKeys& keys, ModelConfig& to)
{
    to.ropeTheta = keys.real("rope_theta", 10000.0);
    std::optional<JsonKeys> scaling = keys.object("rope_scaling");
    if (!scaling)
        scaling = keys.object("rope_parameters");
    if (!scaling)
        return;
    to.ropeTheta = scaling->real("rope_theta", to.ropeTheta);
    ModelConfig::RopeScaling& rope = to.rope;
    rope.kind = scaling->text("rope_type", scaling->text("type", "default"));
    checkRopeKind(rope.kind);
    if (rope.kind != "default" && scaling->find("factor") == nullptr)
        throw Error("its rope_scaling has no \"factor\".", kFetchAgain);
    rope.factor = scaling->real("factor", 1.0);
    rope.lowFrequencyFactor = scaling->real("low_freq_factor", rope.lowFrequencyFactor);
    rope.highFrequencyFactor = scaling->real("high_freq_factor", rope.highFrequencyFactor);
    rope.originalContext = scaling->integer("original_max_position_embeddings", to.contextLength);
    if (rope.kind == "yarn")
        readYarn(*scaling, rope);
}

void refuseWhatIsNotExpressed(const JsonKeys& keys)
{
    if (keys.find("quantization_config") != nullptr)
        throw Error("its weights are quantised in a way that is not supported.",
                    "Choose the original model in float32, float16 or bfloat16, or a GGUF file.");
    if (keys.real("partial_rotary_factor", 1.0) != 1.0)
        throw Error("rotary positions on a part of each head are not supported.",
                    "Choose another model.");
    if (const std::string activation = keys.text("hidden_act", "silu"); activation != "silu")
        throw Error("its activation is \"" + activation + "\"; models of its kind have \"silu\".",
                    kFetchAgain);
}

void readGgufRope(const TensorFile& gguf, const GgufKeys& keys, ModelConfig& to)
{
    to.ropeTheta = keys.real("rope.freq_base", 10000.0);
    if (keys.integer("rope.dimension_count", to.headSize) != to.headSize)
        throw Error("rotary positions on a part of each head are not supported.",
                    "Choose another model.");
    const std::string kind = keys.text("rope.scaling.type", "none");
    if (gguf.find("rope_freqs.weight")
        != nullptr) { // how llama.cpp's converter stores "llama3" scaling
        const at::Tensor factors = gguf.readFloat("rope_freqs.weight").to(at::kDouble).contiguous();
        to.rope.kind = "factors";
        to.rope.factors.assign(factors.const_data_ptr<double>(),
                               factors.const_data_ptr<double>() + factors.numel());
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

ModelConfig decoderConfig(const JsonKeys& keys, const DecoderDefaults& defaults)
{
    refuseWhatIsNotExpressed(keys);
    ModelConfig to;
    to.vocabularySize = keys.integer("vocab_size");
    to.hiddenSize = keys.integer("hidden_size");
    to.intermediateSize = keys.integer("intermediate_size");
    to.layers = keys.integer("num_hidden_layers");
    if (to.layers < 1 || to.layers > kMostLayers) // families go through them before checkConfig()
        throw Error("number of layers is " + std::to_string(to.layers)
                        + ", which is not between 1 and " + std::to_string(kMostLayers) + ".",
                    kFetchAgain);
    to.heads = keys.integer("num_attention_heads");
    if (to.heads < 1)
        throw Error("the key \"num_attention_heads\" has to be at least 1.", kFetchAgain);
    const bool isSilent = !keys.says("num_key_value_heads"); // null means as many as heads
    to.kvHeads = keys.integer("num_key_value_heads",
                              isSilent ? defaults.kvHeads.value_or(to.heads) : to.heads);
    to.headSize = keys.integer("head_dim", defaults.headSize.value_or(to.hiddenSize / to.heads));
    to.contextLength = keys.integer("max_position_embeddings", defaults.contextLength);
    to.normEpsilon = keys.real("rms_norm_eps", 1e-6);
    to.tiesHead = keys.flag("tie_word_embeddings", false);
    readRope(keys, to);
    return to;
}

ModelConfig decoderConfig(const TensorFile& gguf, const GgufKeys& keys)
{
    ModelConfig to;
    to.hiddenSize = keys.integer("embedding_length");
    to.intermediateSize = keys.integer("feed_forward_length");
    to.layers = keys.integer("block_count");
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
    to.hasQkNorm = gguf.find("blk.0.attn_q_norm.weight") != nullptr;
    if (keys.has("attention.sliding_window") && keys.integer("attention.sliding_window") > 0)
        to.slidingWindow = keys.integer("attention.sliding_window");
    readGgufRope(gguf, keys, to);
    return to;
}

std::string decoderModule(Site site)
{
    const std::string layer = "model.layers." + std::to_string(site.layer);
    switch (site.kind) {
    case SiteKind::Embed:
        return "model.embed_tokens";
    case SiteKind::Norm1:
        return layer + ".input_layernorm";
    case SiteKind::AttnQ:
        return layer + ".self_attn.q_proj";
    case SiteKind::AttnK:
        return layer + ".self_attn.k_proj";
    case SiteKind::AttnV:
        return layer + ".self_attn.v_proj";
    case SiteKind::AttnO:
        return layer + ".self_attn.o_proj";
    case SiteKind::AttnOut:
        return layer + ".self_attn";
    case SiteKind::Norm2:
        return layer + ".post_attention_layernorm";
    case SiteKind::MlpGate:
        return layer + ".mlp.gate_proj";
    case SiteKind::MlpUp:
        return layer + ".mlp.up_proj";
    case SiteKind::MlpDown:
        return layer + ".mlp.down_proj";
    case SiteKind::MlpOut:
        return layer + ".mlp";
    case SiteKind::BlockOut:
        return layer;
    case SiteKind::FinalNorm:
        return "model.norm";
    case SiteKind::Head:
        return "lm_head";
    case SiteKind::Prompt:
        break;
    }
    return {};
}

std::string decoderGgufName(const std::string& huggingFaceName)
{
    static const std::map<std::string, std::string> kParts {
        {"input_layernorm", "attn_norm"},    {"self_attn.q_proj", "attn_q"},
        {"self_attn.k_proj", "attn_k"},      {"self_attn.v_proj", "attn_v"},
        {"self_attn.o_proj", "attn_output"}, {"post_attention_layernorm", "ffn_norm"},
        {"self_attn.q_norm", "attn_q_norm"}, {"self_attn.k_norm", "attn_k_norm"},
        {"mlp.gate_proj", "ffn_gate"},       {"mlp.up_proj", "ffn_up"},
        {"mlp.down_proj", "ffn_down"}};
    const auto dot = huggingFaceName.rfind('.');
    const std::string what = huggingFaceName.substr(0, dot);
    const std::string suffix = huggingFaceName.substr(dot);
    if (what == "model.embed_tokens")
        return "token_embd" + suffix;
    if (what == "model.norm")
        return "output_norm" + suffix;
    if (what == "lm_head")
        return "output" + suffix;
    const auto number = std::string("model.layers.").size();
    const auto part = what.find('.', number);
    return "blk." + what.substr(number, part - number) + "." + kParts.at(what.substr(part + 1))
        + suffix;
}

} // namespace tw
