// SPDX-License-Identifier: Apache-2.0
// Llama (Touvron et al. 2023) and what has its shape: SmolLM2, Mistral (Jiang et al. 2023).

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/translate.h"
#include "core/model/registry.h"

#include <ATen/ATen.h>

#include <charconv>
#include <cmath>

namespace tw {
namespace {

constexpr const char* kFetchAgain = "Fetch config.json again from where the model came from.";

/// A key of config.json, or nullptr where it is absent or null.
const Json* find(const Json& config, const char* key)
{
    const auto it = config.find(key);
    return it == config.end() || it->is_null() ? nullptr : &*it;
}

std::int64_t
integer(const Json& config, const char* key, std::optional<std::int64_t> otherwise = std::nullopt)
{
    const Json* value = find(config, key);
    if (value == nullptr && otherwise)
        return *otherwise;
    if (value == nullptr || !value->is_number_integer())
        throw Error("the key \"" + std::string(key) + "\" has to be a whole number.", kFetchAgain);
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t(1) << 62)
        throw Error("the key \"" + std::string(key) + "\" is too large.", kFetchAgain);
    return value->get<std::int64_t>();
}

double real(const Json& config, const char* key, double otherwise)
{
    const Json* value = find(config, key);
    if (value == nullptr)
        return otherwise;
    if (!value->is_number())
        throw Error("the key \"" + std::string(key) + "\" has to be a number.", kFetchAgain);
    return value->get<double>();
}

bool flag(const Json& config, const char* key, bool otherwise)
{
    const Json* value = find(config, key);
    if (value == nullptr)
        return otherwise;
    if (!value->is_boolean())
        throw Error("the key \"" + std::string(key) + "\" has to be true or false.", kFetchAgain);
    return value->get<bool>();
}

std::string text(const Json& config, const char* key, const std::string& otherwise)
{
    const Json* value = find(config, key);
    if (value == nullptr)
        return otherwise;
    if (!value->is_string())
        throw Error("the key \"" + std::string(key) + "\" has to be a text.", kFetchAgain);
    return value->get<std::string>();
}

void checkRopeKind(const std::string& kind)
{
    if (kind != "default" && kind != "linear" && kind != "llama3")
        throw Error("its rotary positions are scaled by \"" + kind + "\", which is not supported.",
                    "Supported are no scaling, \"linear\" and \"llama3\". Choose another model, or "
                    "one of the same "
                    "family without stretched context.");
}

/// rope_scaling says "type", "rope_type" or both; Transformers 5 calls it rope_parameters and puts
/// theta inside.
void readRope(const Json& config, ModelConfig& to)
{
    to.ropeTheta = real(config, "rope_theta", 10000.0);
    const Json* scaling = find(config, "rope_scaling");
    if (scaling == nullptr)
        scaling = find(config, "rope_parameters");
    if (scaling == nullptr)
        return;
    if (!scaling->is_object())
        throw Error("the key \"rope_scaling\" has to be an object.", kFetchAgain);
    to.ropeTheta = real(*scaling, "rope_theta", to.ropeTheta);
    ModelConfig::RopeScaling& rope = to.rope;
    rope.kind = text(*scaling, "rope_type", text(*scaling, "type", "default"));
    checkRopeKind(rope.kind);
    rope.factor = real(*scaling, "factor", 1.0);
    rope.lowFrequencyFactor = real(*scaling, "low_freq_factor", rope.lowFrequencyFactor);
    rope.highFrequencyFactor = real(*scaling, "high_freq_factor", rope.highFrequencyFactor);
    rope.originalContext = integer(*scaling, "original_max_position_embeddings", to.contextLength);
}

void refuseWhatIsNotExpressed(const Json& config)
{
    if (find(config, "quantization_config") != nullptr)
        throw Error("its weights are quantised in a way that is not supported.",
                    "Choose the original model in float32, float16 or bfloat16, or a GGUF file.");
    if (real(config, "partial_rotary_factor", 1.0) != 1.0)
        throw Error("rotary positions on a part of each head are not supported.",
                    "Choose another model.");
    if (const std::string activation = text(config, "hidden_act", "silu"); activation != "silu")
        throw Error("its activation is \"" + activation + "\"; Llama models have \"silu\".",
                    kFetchAgain);
}

ModelConfig configFromJson(const std::string& configJson)
{
    const Json config = parseJson(configJson, "config.json");
    refuseWhatIsNotExpressed(config);
    ModelConfig to;
    to.family = "llama";
    to.architecture = config.at("architectures").front().get<std::string>();
    const bool isMistral = to.architecture == "MistralForCausalLM";
    to.vocabularySize = integer(config, "vocab_size");
    to.hiddenSize = integer(config, "hidden_size");
    to.intermediateSize = integer(config, "intermediate_size");
    to.layers = integer(config, "num_hidden_layers");
    to.heads = integer(config, "num_attention_heads");
    if (to.heads < 1)
        throw Error("the key \"num_attention_heads\" has to be at least 1.", kFetchAgain);
    // Defaults where a key is absent are those of Transformers' LlamaConfig and MistralConfig.
    to.kvHeads = integer(config, "num_key_value_heads",
                         isMistral && !config.contains("num_key_value_heads") ? 8 : to.heads);
    to.headSize = integer(config, "head_dim", to.hiddenSize / to.heads);
    to.contextLength = integer(config, "max_position_embeddings", isMistral ? 4096 * 32 : 2048);
    to.normEpsilon = real(config, "rms_norm_eps", 1e-6);
    to.hasAttentionBias = !isMistral && flag(config, "attention_bias", false);
    to.hasMlpBias = !isMistral && flag(config, "mlp_bias", false);
    to.tiesHead = flag(config, "tie_word_embeddings", false);
    if (isMistral && !(config.contains("sliding_window") && config.at("sliding_window").is_null()))
        to.slidingWindow = integer(config, "sliding_window", 4096);
    readRope(config, to);
    return to;
}

/// Scalars of a GGUF file's header, written as text.
class GgufKeys
{
public:
    explicit GgufKeys(const std::map<std::string, std::string>& metadata)
        : m_metadata(metadata)
    {
    }
    bool has(const std::string& key) const { return m_metadata.contains("llama." + key); }
    double real(const std::string& key, std::optional<double> otherwise = std::nullopt) const
    {
        const auto it = m_metadata.find("llama." + key);
        if (it == m_metadata.end() && otherwise)
            return *otherwise;
        const std::string value = it == m_metadata.end() ? std::string() : it->second;
        double number = 0.0;
        const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (value.empty() || code != std::errc() || end != value.data() + value.size()
            || !std::isfinite(number))
            throw Error(
                "the key \"llama." + key + "\" has to be a number.",
                "The file is damaged or was not made by llama.cpp's converter; fetch it again.");
        return number;
    }
    std::int64_t integer(const std::string& key,
                         std::optional<double> otherwise = std::nullopt) const
    {
        const double number = real(key, otherwise);
        if (number != std::floor(number) || std::abs(number) > 9e15)
            throw Error("the key \"llama." + key + "\" has to be a whole number.",
                        "The file is damaged; fetch it again.");
        return static_cast<std::int64_t>(number);
    }
    std::string text(const std::string& key, const std::string& otherwise) const
    {
        const auto it = m_metadata.find("llama." + key);
        return it == m_metadata.end() ? otherwise : it->second;
    }

private:
    const std::map<std::string, std::string>& m_metadata;
};

void readGgufRope(const TensorFile& gguf, const GgufKeys& keys, ModelConfig& to)
{
    to.ropeTheta = keys.real("rope.freq_base", 10000.0);
    if (keys.integer("rope.dimension_count", static_cast<double>(to.headSize)) != to.headSize)
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
        to.rope.factor = keys.real("rope.scaling.factor", 1.0);
        to.rope.originalContext = keys.integer("rope.scaling.original_context_length", 0);
    }
}

ModelConfig configFromGguf(const TensorFile& gguf)
{
    const GgufKeys keys(gguf.metadata());
    ModelConfig to;
    to.family = "llama";
    to.architecture = "LlamaForCausalLM";
    to.hiddenSize = keys.integer("embedding_length");
    to.intermediateSize = keys.integer("feed_forward_length");
    to.layers = keys.integer("block_count");
    to.heads = keys.integer("attention.head_count");
    if (to.heads < 1)
        throw Error("the key \"llama.attention.head_count\" has to be at least 1.",
                    "The file is damaged; fetch it again.");
    to.kvHeads = keys.integer("attention.head_count_kv", static_cast<double>(to.heads));
    to.headSize = keys.integer("attention.key_length",
                               std::floor(static_cast<double>(to.hiddenSize / to.heads)));
    to.contextLength = keys.integer("context_length");
    to.normEpsilon = keys.real("attention.layer_norm_rms_epsilon");
    if (keys.integer("expert_count", 0) > 0)
        throw Error("it is a mixture of experts, which is not supported.",
                    "Choose a dense model, e.g. SmolLM2 or Llama.");
    const TensorInfo* embedding = gguf.find("token_embd.weight");
    to.vocabularySize =
        embedding != nullptr && !embedding->shape.empty() ? embedding->shape.front() : 0;
    to.tiesHead = gguf.find("output.weight") == nullptr;
    to.hasAttentionBias = gguf.find("blk.0.attn_q.bias") != nullptr;
    to.hasMlpBias = gguf.find("blk.0.ffn_gate.bias") != nullptr;
    if (keys.has("attention.sliding_window") && keys.integer("attention.sliding_window") > 0)
        to.slidingWindow = keys.integer("attention.sliding_window");
    readGgufRope(gguf, keys, to);
    return to;
}

std::string module(Site site)
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

std::string ggufName(const std::string& huggingFaceName)
{
    static const std::map<std::string, std::string> kParts {
        {"input_layernorm", "attn_norm"},    {"self_attn.q_proj", "attn_q"},
        {"self_attn.k_proj", "attn_k"},      {"self_attn.v_proj", "attn_v"},
        {"self_attn.o_proj", "attn_output"}, {"post_attention_layernorm", "ffn_norm"},
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

/// llama.cpp turns neighbouring dimensions against each other, Hugging Face the two halves of a
/// head: its converter interleaves the rows of q and k, which is undone here.
at::Tensor fromGguf(const std::string& name, const at::Tensor& stored, const ModelConfig& config)
{
    const bool isQ = name.find(".q_proj.") != std::string::npos;
    const bool isK = name.find(".k_proj.") != std::string::npos;
    if (!isQ && !isK)
        return stored;
    const std::int64_t heads = isQ ? config.heads : config.kvHeads;
    return stored.reshape({heads, config.headSize / 2, 2, -1})
        .transpose(1, 2)
        .reshape(stored.sizes());
}

} // namespace

void registerLlama(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "llama";
    family.title = QT_TRANSLATE_NOOP("family", "Llama, SmolLM2 and Mistral");
    family.reads = [](const std::string& architecture) {
        return architecture == "LlamaForCausalLM" || architecture == "MistralForCausalLM"
            || architecture == "llama";
    };
    family.configFromJson = configFromJson;
    family.configFromGguf = configFromGguf;
    family.module = module;
    family.ggufName = ggufName;
    family.fromGguf = fromGguf;
    registry.add(std::move(family));
}

} // namespace tw
