// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/transformer.h"
#include "core/model/vision_model.h"

namespace tw {

/// The state of a text at its end token: at the first `endId`, or, where a file says 2 by an old
/// mistake of Transformers, at the largest id. With a projection [out, hidden] gives "text_embeds",
/// else "pooler_output".
std::unique_ptr<TextHead> endTokenHead(std::int64_t endId, at::Tensor projection = {});

/// CLIP (Radford et al. 2021): how well each text goes with each image.
/// logits_per_image = exp(scale) * images texts^T, both projected and of length 1.
class ClipModel final : public Model
{
public:
    /// text and vision give "pooler_output"; the layers of vision are numbered behind those of
    /// text.
    ClipModel(const ModelConfig& config,
              std::unique_ptr<Transformer> text,
              std::unique_ptr<VisionModel> vision,
              std::int64_t width,
              WeightSource& weights);

    const ModelConfig& config() const override { return m_text->config(); }
    const std::vector<SiteInfo>& sites() const override { return m_sites; }
    Linear& linear(Site site) override;
    const Linear& linear(Site site) const override;
    HiddenChanges& hiddenChanges(const SiteInfo& place) override;
    NamedTensors weights() const override { return m_weights; }
    /// Reads "input_ids" and "pixel_values". Throws Error.
    Tensors forward(const Tensors& inputs) const override;

private:
    std::unique_ptr<Transformer> m_text;
    std::unique_ptr<VisionModel> m_vision;
    at::Tensor m_textProjection; ///< [width, hidden of text]
    at::Tensor m_imageProjection; ///< [width, hidden of vision]
    at::Tensor m_scale; ///< a number: logarithm of what similarities are multiplied with
    std::vector<SiteInfo> m_sites;
    NamedTensors m_weights;
};

} // namespace tw
