// SPDX-License-Identifier: Apache-2.0
#include "core/model/encoder_decoder.h"

#include "core/base/error.h"
#include "core/model/padded_rows.h"
#include "core/model/transformer.h"

#include <ATen/ATen.h>

#include <utility>

namespace tw {
namespace {

ModelConfig decoderOf(ModelConfig config)
{
    config.layers = config.decoderLayers;
    config.isCausal = true;
    return config;
}

} // namespace

EncoderDecoder::EncoderDecoder(const ModelConfig& config,
                               const EncoderDecoderNames& names,
                               WeightSource& weights)
    : m_config(config)
    , m_decoderConfig(decoderOf(config))
    , m_embedding(config, names.encoder, weights)
    , m_encoder(config, names.encoder, weights)
{
    m_sites = m_embedding.sites();
    m_sites.insert(m_sites.end(), m_encoder.sites().begin(), m_encoder.sites().end());
    if (config.decoderLayers > 0) {
        const auto behind = names.decoder.startingAt(static_cast<std::int32_t>(config.layers));
        m_decoder.emplace(m_decoderConfig, behind, weights, config.hiddenSize);
        m_sites.insert(m_sites.end(), m_decoder->sites().begin(), m_decoder->sites().end());
    }
    if (config.task == ModelTask::ConditionalGeneration)
        takeHead(names.encoder, weights);
    m_weights = weights.taken();
}

void EncoderDecoder::takeHead(const ModuleNames& names, WeightSource& weights)
{
    const std::int64_t width = m_config.hiddenSize;
    const std::string module = names.at({SiteKind::Head, -1});
    m_sites.push_back({{SiteKind::Head, -1}, module, width, m_config.vocabularySize, false});
    m_sites.back().hasWeight = !m_config.tiesHead;
    m_head.weight = m_config.tiesHead
        ? m_embedding.tokens().weight
        : weights.take(module + ".weight", {m_config.vocabularySize, width});
    m_head.scale = m_config.logitScale;
    m_head.cap = m_config.logitCap;
}

std::vector<const Stack*> EncoderDecoder::stacks() const
{
    return m_decoder ? std::vector<const Stack*> {&m_encoder, &*m_decoder}
                     : std::vector<const Stack*> {&m_encoder};
}

const Linear& EncoderDecoder::linear(Site site) const
{
    if (site.kind == SiteKind::Head && m_head.weight.defined())
        return m_head;
    return linearAt(site, stacks());
}

Linear& EncoderDecoder::linear(Site site)
{
    return const_cast<Linear&>(std::as_const(*this).linear(site));
}

at::Tensor EncoderDecoder::encoded(const PackedInput& input) const
{
    const at::Tensor x = m_embedding.forward(VirtualRows(input, nullptr));
    return m_encoder.forward(x, {input.positions, input.starts, {}, {}, {}, nullptr});
}

Tensors EncoderDecoder::decoded(const PaddedRows& rows,
                                const PaddedRows& sources,
                                const at::Tensor& states) const
{
    if (rows.rows() != sources.rows())
        throw Error("There are " + std::to_string(sources.rows()) + " rows of input_ids and "
                        + std::to_string(rows.rows()) + " of decoder_input_ids.",
                    "Give one row of decoder_input_ids for each row of input_ids.");
    const PackedInput& input = rows.packed();
    rows.checkNoHoles();
    const at::Tensor x = m_embedding.forward(VirtualRows(input, nullptr));
    const at::Tensor last = m_decoder->forward(
        x, {input.positions, input.starts, {}, states, sources.packed().starts, nullptr});
    Tensors outputs {{"encoder_last_hidden_state", sources.spread(states)}};
    if (m_head.weight.defined())
        outputs["logits"] = rows.spread(m_head.logits(last));
    else
        outputs["last_hidden_state"] = rows.spread(last);
    return outputs;
}

Tensors EncoderDecoder::forward(const Tensors& inputs) const
{
    const PaddedRows rows(inputs, m_config);
    rows.checkNoHoles();
    const at::Tensor states = encoded(rows.packed());
    if (!m_decoder)
        return {{"last_hidden_state", rows.spread(states)}};
    return decoded(PaddedRows(inputs, m_decoderConfig, "decoder_"), rows, states);
}

HiddenChanges& EncoderDecoder::hiddenChanges(const SiteInfo& place)
{
    if (!m_decoder)
        return changesAt(place, {&m_encoder});
    return changesAt(place, {&m_encoder, &*m_decoder});
}

at::Tensor EncoderDecoder::hidden(const PackedInput& input) const
{
    if (!m_decoder || !input.sourceIds.defined())
        throw Error("A model of the kind " + m_config.architecture
                        + " reads one text and writes another; here is only one.",
                    "Give it prompts with answers, or choose a model for causal language "
                    "modelling, one whose class ends with ForCausalLM.");
    PackedInput source {input.sourceIds, {}, input.sourceStarts};
    source.noise = input.noise;
    const at::Tensor states = encoded(source);
    const at::Tensor x = m_embedding.forward(VirtualRows(input, nullptr));
    return m_decoder->forward(
        x, {input.positions, input.starts, {}, states, input.sourceStarts, nullptr, input.sight});
}

LmHead EncoderDecoder::head() const
{
    if (!m_head.weight.defined())
        refuseText();
    return m_head.withoutChanges();
}

at::Tensor EncoderDecoder::logits(const at::Tensor& hidden) const
{
    if (!m_head.weight.defined())
        refuseText();
    return m_head.logits(hidden);
}

at::Tensor EncoderDecoder::hiddenBehind(const std::vector<NewTokens>& texts) const
{
    if (!m_decoder)
        refuseText();
    const at::NoGradGuard noGradients;
    const PackedInput packed = packedBehind(texts);
    const at::Tensor x = m_embedding.forward(VirtualRows(packed, nullptr));
    return m_decoder->forwardCached(x, {packed.positions, packed.starts, {}, {}, {}, nullptr},
                                    layeredCaches(texts));
}

Continuation EncoderDecoder::continuing(const std::vector<std::int64_t>& prompt,
                                        std::int64_t maxTokens) const
{
    if (!m_head.weight.defined() || !m_decoder)
        refuseText();
    const at::NoGradGuard noGradients;
    const auto count = static_cast<std::int64_t>(prompt.size());
    auto cache = std::make_unique<LayeredCache>(m_decoderConfig, std::min(maxTokens, kFirstRoom));
    m_decoder->readEncoded(encoded({at::tensor(prompt, at::kLong), at::arange(count), {0, count}}),
                           *cache);
    // Distances, unlike places, do not end: nothing but the person bounds the answer.
    return {std::move(cache), {m_config.startId}, maxTokens};
}

} // namespace tw
