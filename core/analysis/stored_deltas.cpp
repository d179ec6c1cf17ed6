// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/stored_deltas.h"

#include "core/base/error.h"
#include "core/model/head_weights.h"

#include <map>

namespace tw {
namespace {

/// A model's sites with matrices of the right shape that take no memory: adapters attach to it,
/// nothing can be computed.
class Frame final : public Model, public HasHead
{
public:
    explicit Frame(const ModelSource& source)
        : m_config(source.config)
        , m_sites(source.sites())
    {
        for (const SiteInfo& info : m_sites)
            if (info.isLinear || info.site.kind == SiteKind::Head)
                m_linears[info.site].weight = at::zeros({1, 1}).expand({info.out, info.in});
        for (const WeightInfo& info : source.weightInfos())
            m_weights.emplace_back(info.name, at::zeros({1}).expand(info.shape));
        for (const auto& [name, tensor] : headWeightsOf(*source.skeleton()))
            m_headWeights.emplace_back(name, at::zeros({1}).expand(tensor.sizes()));
        m_embedding.weight =
            at::zeros({1, 1}).expand({m_config.vocabularySize, m_config.embeddingWidth()});
    }

    const ModelConfig& config() const override { return m_config; }
    const std::vector<SiteInfo>& sites() const override { return m_sites; }
    Linear& linear(Site site) override { return m_linears.at(site); }
    const Linear& linear(Site site) const override { return m_linears.at(site); }
    Embedding& embedding() override { return m_embedding; }
    void setVirtualTokens(std::shared_ptr<const VirtualTokens>) override { }
    NamedTensors weights() const override { return m_weights; }
    const NamedTensors& headWeights() const override { return m_headWeights; }

private:
    ModelConfig m_config;
    std::vector<SiteInfo> m_sites;
    std::map<Site, Linear> m_linears;
    Embedding m_embedding;
    NamedTensors m_weights;
    NamedTensors m_headWeights;
};

} // namespace

StoredDeltas::StoredDeltas(const ModelSource& source, const std::filesystem::path& adapterFolder)
    : m_frame(std::make_unique<Frame>(source))
    , m_adapter(attachAdapter(*m_frame, adapterFolder))
{
}

StoredDeltas::~StoredDeltas() = default;

} // namespace tw
