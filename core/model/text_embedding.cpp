// SPDX-License-Identifier: Apache-2.0
#include "core/model/text_embedding.h"

#include "core/base/error.h"
#include "core/model/lookup_scale.h"

#include <ATen/ATen.h>

#include <cmath>

namespace tw {
namespace {

/// Ids index a table: one outside of it would read foreign memory.
void checkIds(const at::Tensor& ids,
              std::int64_t size,
              const std::string& what,
              const std::string& hint)
{
    if (ids.numel() == 0)
        throw Error("There are no tokens to read.", "Give the model at least one token.");
    const auto [lowest, highest] = at::aminmax(ids);
    if (lowest.item<std::int64_t>() < 0 || highest.item<std::int64_t>() >= size)
        throw Error(what + std::to_string(size) + ".", hint);
}

} // namespace

bool scalesLookup(const ModelConfig& config)
{
    return config.architecture.starts_with("Gemma3");
}

void TextEmbedding::addSite(SiteKind kind,
                            const ModuleNames& names,
                            std::int64_t in,
                            std::int64_t out)
{
    m_sites.push_back({{kind, -1}, names.at({kind, -1}), in, out, false});
}

TextEmbedding::TextEmbedding(const ModelConfig& config,
                             const ModuleNames& names,
                             WeightSource& weights)
    : m_scale(config.embeddingScale)
    , m_offset(config.positionOffset)
    , m_scalesLookup(scalesLookup(config))
{
    const std::int64_t width = config.embeddingWidth();
    addSite(SiteKind::Embed, names, config.vocabularySize, width);
    m_tokens.weight =
        weights.take(m_sites.back().module + ".weight", {config.vocabularySize, width});
    // Projected before or after the sum: OPT adds positions to what was projected, ELECTRA before.
    const std::int64_t summed = config.projectsSum ? width : config.hiddenSize;
    if (config.positions == Positions::Learned) {
        addSite(SiteKind::EmbedPosition, names, config.contextLength + m_offset, summed);
        m_positions = weights.take(m_sites.back().module + ".weight",
                                   {config.contextLength + m_offset, summed});
    }
    if (config.tokenTypes > 0) {
        addSite(SiteKind::EmbedType, names, config.tokenTypes, summed);
        m_types = weights.take(m_sites.back().module + ".weight", {config.tokenTypes, summed});
    }
    if (config.hasEmbedNorm) {
        const std::int64_t normed = config.normsProjected ? config.hiddenSize : summed;
        addSite(SiteKind::EmbedNorm, names, normed, normed);
        m_norm = Norm(config, weights, m_sites.back().module, normed);
        m_sites.back().hasBias = m_norm.bias.defined();
    }
    m_normsProjected = config.normsProjected;
    m_projectsSum = config.projectsSum;
    if (width != config.hiddenSize) {
        addSite(SiteKind::EmbedProject, names, width, config.hiddenSize);
        const std::string module = m_sites.back().module;
        m_project = weights.take(module + ".weight", {config.hiddenSize, width});
        if (weights.has(module + ".bias"))
            m_projectBias = weights.take(module + ".bias", {config.hiddenSize});
        m_sites.back().hasBias = m_projectBias.defined();
    }
}

at::Tensor TextEmbedding::noisy(const at::Tensor& x, const PackedInput& input)
{
    std::vector<double> bounds;
    for (std::size_t row = 0; row + 1 < input.starts.size(); ++row) {
        const std::int64_t tokens = input.starts[row + 1] - input.starts[row];
        bounds.insert(bounds.end(), static_cast<std::size_t>(tokens),
                      input.noise / std::sqrt(static_cast<double>(tokens * x.size(1))));
    }
    const at::Tensor bound = at::tensor(bounds, x.options().requires_grad(false)).unsqueeze(1);
    return x + (at::rand_like(x.detach()) * 2.0 - 1.0) * bound;
}

at::Tensor TextEmbedding::forward(const VirtualRows& rows) const
{
    const at::Tensor& ids = rows.input().ids;
    checkIds(ids, m_tokens.weight.size(0), "A token id lies outside of the model's vocabulary of ",
             "Use the tokenizer that belongs to this model.");
    at::Tensor x = m_tokens.forward(ids);
    if (rows.input().noise > 0.0 && at::GradMode::is_enabled())
        x = noisy(x, rows.input());
    if (m_scale != 1.0)
        x = m_scalesLookup ? rows.embedded(x * m_scale) : rows.embedded(x) * m_scale;
    else
        x = rows.embedded(x);
    const auto projected = [this](const at::Tensor& wide) {
        return m_project.defined() ? at::linear(wide, m_project, m_projectBias) : wide;
    };
    if (!m_projectsSum)
        x = projected(x);
    if (m_positions.defined()) {
        const at::Tensor places = rows.input().positions + m_offset;
        checkIds(places, m_positions.size(0),
                 "A text is longer than the model's table of positions, which ends at ",
                 "Shorten the text, or choose a model with a longer context.");
        x = x + at::embedding(m_positions, places);
    }
    if (m_types.defined()) {
        const at::Tensor& types = rows.input().types;
        const at::Tensor kinds = types.defined() ? types : at::zeros_like(ids);
        checkIds(kinds, m_types.size(0), "A token type lies outside of the model's table of ",
                 "Use 0 for the first text of a pair and 1 for the second.");
        x = x + at::embedding(m_types, kinds);
    }
    if (!m_projectsSum)
        return m_norm.forward(x);
    return m_normsProjected ? m_norm.forward(projected(x)) : projected(m_norm.forward(x));
}

} // namespace tw
