// SPDX-License-Identifier: Apache-2.0
#include "core/model/wave_model.h"

#include "core/base/error.h"
#include "core/model/transformer.h"

#include <ATen/ATen.h>

#include <utility>

namespace tw {
namespace {

at::Tensor samplesFrom(const Tensors& inputs)
{
    const auto it = inputs.find("input_values");
    if (it == inputs.end())
        throw Error(std::string("There are no \"input_values\", which the model reads")
                        + (inputs.contains("input_ids") ? " instead of text." : "."),
                    "Give it sounds: [sounds, samples], 16,000 samples a second.");
    const at::Tensor rows = it->second.dim() == 1 ? it->second.unsqueeze(0) : it->second;
    if (rows.dim() != 2 || rows.numel() == 0)
        throw Error("the \"input_values\" are no list of sounds.",
                    "Give numbers of the shape [sounds, samples].");
    return rows.to(at::kFloat);
}

std::vector<std::int64_t>
frameCounts(const Tensors& inputs, const at::Tensor& samples, const Waveform& wave)
{
    const auto it = inputs.find("attention_mask");
    const auto rows = static_cast<std::size_t>(samples.size(0));
    if (it == inputs.end())
        return std::vector<std::int64_t>(rows, wave.tokensOf(samples.size(1)));
    const at::Tensor mask = it->second.dim() == 1 ? it->second.unsqueeze(0) : it->second;
    if (mask.sizes() != samples.sizes())
        throw Error("\"attention_mask\" has another shape than the samples.",
                    "Give one number for each sample.");
    const at::Tensor heard = mask.ne(0).sum(1);
    std::vector<std::int64_t> counts;
    for (std::int64_t row = 0; row < samples.size(0); ++row)
        counts.push_back(wave.tokensOf(heard[row].item<std::int64_t>()));
    return counts;
}

} // namespace

FrameRows::FrameRows(const std::vector<std::int64_t>& lengths, std::int64_t frames)
    : m_starts {0}
    , m_frames(frames)
{
    std::vector<at::Tensor> places;
    for (std::size_t row = 0; row < lengths.size(); ++row) {
        if (lengths[row] < 1)
            throw Error("Sound " + std::to_string(row) + " is too short for one frame.",
                        "Leave it out, or correct its attention_mask.");
        const std::int64_t first = static_cast<std::int64_t>(row) * frames;
        places.push_back(at::arange(first, first + lengths[row]));
        m_starts.push_back(m_starts.back() + lengths[row]);
    }
    m_places = at::cat(places);
}

at::Tensor FrameRows::packed(const at::Tensor& rows) const
{
    return rows.reshape({-1, rows.size(2)}).index_select(0, m_places);
}

at::Tensor FrameRows::spread(const at::Tensor& perFrame) const
{
    const auto rows = static_cast<std::int64_t>(m_starts.size()) - 1;
    at::Tensor all = at::zeros({rows * m_frames, perFrame.size(1)}, perFrame.options());
    all.index_copy_(0, m_places, perFrame);
    return all.view({rows, m_frames, -1});
}

at::Tensor FrameRows::meanOf(const at::Tensor& perFrame) const
{
    std::vector<at::Tensor> means;
    for (std::size_t row = 0; row + 1 < m_starts.size(); ++row)
        means.push_back(
            perFrame.narrow(0, m_starts[row], m_starts[row + 1] - m_starts[row]).mean(0));
    return at::stack(means);
}

WaveModel::WaveModel(const ModelConfig& config,
                     const ModuleNames& names,
                     const std::string& prefix,
                     WeightSource& weights,
                     const MakeHead& makeHead)
    : m_config(config)
    , m_embedding(config, prefix, weights)
    , m_stack(config, names, weights)
    , m_sites(m_embedding.sites())
{
    const std::size_t below = weights.taken().size();
    m_head = makeHead(config, weights);
    m_headWeights = takenBehind(weights, below);
    m_sites.insert(m_sites.end(), m_stack.sites().begin(), m_stack.sites().end());
    if (const std::string mask = prefix + "masked_spec_embed"; weights.has(mask))
        weights.take(mask, {config.hiddenSize}); // for training with masks: kept, not used
    m_weights = weights.taken();
}

const Linear& WaveModel::linear(Site site) const
{
    return linearAt(site, {&m_stack});
}

Linear& WaveModel::linear(Site site)
{
    return const_cast<Linear&>(std::as_const(*this).linear(site));
}

HiddenChanges& WaveModel::hiddenChanges(const SiteInfo& place)
{
    return changesAt(place, {&m_stack});
}

Tensors WaveModel::forward(const Tensors& inputs) const
{
    const at::Tensor samples = samplesFrom(inputs);
    // Padding is heard by the first layers: it stands within the norm over time.
    const at::Tensor features = m_embedding.features(samples);
    const FrameRows rows(frameCounts(inputs, samples, m_config.waveform.value()), features.size(1));
    const at::Tensor heard = rows.packed(features);
    const at::Tensor x = m_embedding.placed(rows.spread(m_embedding.projected(heard)));
    StackInput around;
    around.starts = rows.starts();
    return m_head(m_stack.forward(rows.packed(x), around), heard, rows);
}

} // namespace tw
