// SPDX-License-Identifier: Apache-2.0
#include "core/model/patch_embedding.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

std::string sizeText(std::int64_t height, std::int64_t width)
{
    return std::to_string(width) + " x " + std::to_string(height);
}

} // namespace

PatchEmbedding::PatchEmbedding(const ModelConfig& config,
                               const ModuleNames& names,
                               const PatchNames& own,
                               WeightSource& weights)
    : m_patches(config.patches.value())
{
    const std::int64_t d = config.hiddenSize;
    const auto count = static_cast<std::int64_t>(own.tokens.size());
    const std::int64_t positions = count + m_patches.rows() * m_patches.columns();
    const auto outer = [&](std::vector<std::int64_t> shape) {
        shape.insert(shape.begin(), own.outer.begin(), own.outer.end());
        return shape;
    };
    std::vector<at::Tensor> tokens;
    for (const std::string& name : own.tokens) {
        const bool isVector = own.outer.empty();
        const auto shape = isVector ? std::vector {d} : outer({1, d});
        tokens.push_back(weights.take(name, shape).reshape({1, d}));
    }
    m_tokens = at::cat(tokens);
    if (!own.mask.empty() && weights.has(own.mask))
        weights.take(own.mask, own.sharesOuter ? outer({1, d}) : std::vector {std::int64_t(1), d});
    const std::string module = names.at({SiteKind::EmbedPatch, -1});
    const std::vector<std::int64_t> kernel {d, m_patches.channels, m_patches.size, m_patches.size};
    m_weight = weights.take(module + ".weight", kernel);
    if (m_patches.hasBias)
        m_bias = weights.take(module + ".bias", {d});
    m_sites.push_back({{SiteKind::EmbedPatch, -1},
                       module,
                       m_weight[0].numel(),
                       d,
                       false,
                       true,
                       m_patches.hasBias});
    m_positions = weights.take(own.positions, outer({positions, d}));
    m_sites.push_back({{SiteKind::EmbedPosition, -1}, own.positions, positions, d, false});
    if (config.hasEmbedNorm) {
        const std::string norm = names.at({SiteKind::EmbedNorm, -1});
        m_norm = Norm(config, weights, norm, d);
        m_sites.push_back({{SiteKind::EmbedNorm, -1}, norm, d, d, false, true, true});
    }
}

void PatchEmbedding::checkShape(const at::Tensor& images) const
{
    if (images.dim() != 4 || images.size(0) == 0)
        throw Error("the images are no list of pictures.",
                    "Give numbers of the shape [images, channels, height, width].");
    const std::int64_t height = images.size(2);
    const std::int64_t width = images.size(3);
    if (images.size(1) != m_patches.channels)
        throw Error("the images have " + std::to_string(images.size(1))
                        + " channels, the model sees " + std::to_string(m_patches.channels) + ".",
                    "Convert the images first, as the model's preprocessor_config.json says it.");
    const bool fits = height == m_patches.height && width == m_patches.width;
    if (!fits && !m_patches.takesOtherSizes)
        throw Error("the images are " + sizeText(height, width) + ", the model reads "
                        + sizeText(m_patches.height, m_patches.width) + ".",
                    "Resize and crop them, as the model's preprocessor_config.json says it.");
    if (height < m_patches.size || width < m_patches.size)
        throw Error("the images are " + sizeText(height, width)
                        + ", which is less than one patch of "
                        + sizeText(m_patches.size, m_patches.size) + ".",
                    "Choose larger images.");
}

at::Tensor PatchEmbedding::positionsFor(std::int64_t height, std::int64_t width) const
{
    const std::int64_t rows = (height - m_patches.size) / m_patches.rowStride + 1;
    const std::int64_t columns = (width - m_patches.size) / m_patches.columnStride + 1;
    const at::Tensor learned = m_positions.view({-1, m_tokens.size(1)});
    if (rows * columns == m_patches.rows() * m_patches.columns() && height == width)
        return learned;
    const std::int64_t own = m_tokens.size(0);
    const at::Tensor grid = learned.narrow(0, own, learned.size(0) - own)
                                .view({1, m_patches.rows(), m_patches.columns(), -1})
                                .permute({0, 3, 1, 2});
    const at::Tensor other = at::upsample_bicubic2d(grid, {rows, columns}, false);
    return at::cat(
        {learned.narrow(0, 0, own), other.permute({0, 2, 3, 1}).reshape({rows * columns, -1})});
}

at::Tensor PatchEmbedding::forward(const at::Tensor& images) const
{
    checkShape(images);
    const at::Tensor patches = at::conv2d(images.to(at::kFloat), m_weight, m_bias,
                                          {m_patches.rowStride, m_patches.columnStride})
                                   .flatten(2)
                                   .transpose(1, 2);
    const at::Tensor own = m_tokens.unsqueeze(0).expand({images.size(0), -1, -1});
    const at::Tensor positions = m_patches.takesOtherSizes
        ? positionsFor(images.size(2), images.size(3))
        : m_positions.view({-1, m_tokens.size(1)});
    return m_norm.forward(at::cat({own, patches}, 1) + positions);
}

} // namespace tw
