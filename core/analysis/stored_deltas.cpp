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
    at::Tensor hidden(const PackedInput&) const override { refuse(); }
    at::Tensor logits(const at::Tensor&) const override { refuse(); }
    at::Tensor headWeight() const override { refuse(); }
    std::unique_ptr<KvCache> newCache(std::int64_t) const override { refuse(); }
    at::Tensor hiddenCached(const std::vector<std::int64_t>&, KvCache&) const override { refuse(); }
    NamedTensors weights() const override { return {}; }

private:
    [[noreturn]] static void refuse()
    {
        throw Error("This model was opened for its weights only and cannot compute.",
                    "Load the whole model.");
    }

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
