// SPDX-License-Identifier: Apache-2.0
#include "core/model/clip_model.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace tw {
namespace {

constexpr std::int64_t kOldEndId = 2; // what Transformers wrote by mistake for a while

class EndTokenHead final : public TextHead
{
public:
    EndTokenHead(std::int64_t endId, at::Tensor projection)
        : m_endId(endId)
        , m_projection(std::move(projection))
    {
    }

    Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const override
    {
        Tensors found {{"last_hidden_state", rows.spread(hidden)}};
        const at::Tensor ends = endsOf(hidden, rows);
        if (m_projection.defined())
            found["text_embeds"] = at::linear(ends, m_projection);
        else
            found["pooler_output"] = ends;
        return found;
    }

private:
    at::Tensor endsOf(const at::Tensor& hidden, const PaddedRows& rows) const
    {
        const PackedInput& packed = rows.packed();
        const at::Tensor wanted =
            m_endId == kOldEndId ? packed.ids : packed.ids.eq(m_endId).to(at::kLong);
        std::vector<at::Tensor> ends;
        rows.firstOf(hidden); // throws where a row has no token
        for (std::size_t row = 0; row + 1 < packed.starts.size(); ++row) {
            const std::int64_t first = packed.starts[row];
            const at::Tensor own = wanted.narrow(0, first, packed.starts[row + 1] - first);
            ends.push_back(hidden[first + firstLargest(own)]);
        }
        return at::stack(ends);
    }

    /// Of several largest numbers at::argmax may give any.
    static std::int64_t firstLargest(const at::Tensor& numbers)
    {
        return numbers.eq(numbers.max()).nonzero()[0].item<std::int64_t>();
    }

    std::int64_t m_endId;
    at::Tensor m_projection;
};

at::Tensor ofLengthOne(const at::Tensor& rows)
{
    return rows / rows.norm(2, {-1}, true);
}

} // namespace

std::unique_ptr<TextHead> endTokenHead(std::int64_t endId, at::Tensor projection)
{
    return std::make_unique<EndTokenHead>(endId, std::move(projection));
}

ClipModel::ClipModel(const ModelConfig& config,
                     std::unique_ptr<Transformer> text,
                     std::unique_ptr<VisionModel> vision,
                     std::int64_t width,
                     WeightSource& weights)
    : m_text(std::move(text))
    , m_vision(std::move(vision))
    , m_textProjection(weights.take("text_projection.weight", {width, config.hiddenSize}))
    , m_imageProjection(
          weights.take("visual_projection.weight", {width, m_vision->config().hiddenSize}))
    , m_scale(weights.take("logit_scale", {}))
    , m_sites(m_text->sites())
    , m_weights(weights.taken())
{
    m_sites.insert(m_sites.end(), m_vision->sites().begin(), m_vision->sites().end());
}

const Linear& ClipModel::linear(Site site) const
{
    if (site.layer < config().layers)
        return std::as_const(*m_text).linear(site);
    return std::as_const(*m_vision).linear(site);
}

Linear& ClipModel::linear(Site site)
{
    return const_cast<Linear&>(std::as_const(*this).linear(site));
}

HiddenChanges& ClipModel::hiddenChanges(const SiteInfo& place)
{
    const bool isText = std::ranges::any_of(m_text->sites(), [&](const SiteInfo& info) {
        return info.module == place.module && info.site == place.site;
    });
    return isText ? m_text->hiddenChanges(place) : m_vision->hiddenChanges(place);
}

Tensors ClipModel::forward(const Tensors& inputs) const
{
    const auto embeds = [&](const Model& tower, const at::Tensor& projection) {
        return ofLengthOne(at::linear(tower.outputs(inputs).at("pooler_output"), projection));
    };
    const at::Tensor images = embeds(*m_vision, m_imageProjection);
    const at::Tensor texts = embeds(*m_text, m_textProjection);
    const at::Tensor perText = at::matmul(texts, images.t()) * m_scale.exp();
    return {{"image_embeds", images},
            {"text_embeds", texts},
            {"logits_per_text", perText},
            {"logits_per_image", perText.t()}};
}

} // namespace tw
