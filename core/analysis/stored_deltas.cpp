// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/stored_deltas.h"

#include "core/base/error.h"

#include <map>

namespace tw {
namespace {

/// A model's sites with matrices of the right shape that take no memory: adapters attach to it,
/// nothing can be computed.
class Frame final : public Model
{
public:
    explicit Frame(const ModelSource& source)
        : m_config(source.config)
        , m_sites(source.sites())
    {
        for (const SiteInfo& info : m_sites)
            if (info.isLinear)
                m_linears[info.site].weight = at::zeros({1, 1}).expand({info.out, info.in});
    }

    const ModelConfig& config() const override { return m_config; }
    const std::vector<SiteInfo>& sites() const override { return m_sites; }
    Linear& linear(Site site) override { return m_linears.at(site); }
    const Linear& linear(Site site) const override { return m_linears.at(site); }
    NamedTensors weights() const override { return {}; }

private:
    ModelConfig m_config;
    std::vector<SiteInfo> m_sites;
    std::map<Site, Linear> m_linears;
};

} // namespace

StoredDeltas::StoredDeltas(const ModelSource& source, const std::filesystem::path& adapterFolder)
    : m_frame(std::make_unique<Frame>(source))
    , m_adapter(attachAdapter(*m_frame, adapterFolder))
{
}

StoredDeltas::~StoredDeltas() = default;

} // namespace tw
