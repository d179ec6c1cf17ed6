// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/eva.h"

#include "core/adaptation/principal_components.h"
#include "core/base/error.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tw {
namespace {

/// What the layers before it in the same pass have read: q, k and v read the same, and so do gate
/// and up.
struct LastRead
{
    at::Tensor input;
    PrincipalComponents* components = nullptr;
};

/// Looks at what a layer reads and changes nothing.
class InputWatch final : public LinearChange
{
public:
    InputWatch(std::int64_t most, std::shared_ptr<LastRead> last)
        : m_own(most)
        , m_last(std::move(last))
    {
    }

    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& /*base*/,
                       const TensorFunction& below) const override
    {
        watch(x);
        return below(x);
    }
    LinearWeights merged(const LinearWeights& /*base*/, const LinearWeights& below) const override
    {
        return below;
    }
    NamedTensors trainable() const override { return {}; }

    /// Of no row where the layer was not asked.
    const PrincipalComponents& components() const
    {
        return m_components == nullptr ? m_own : *m_components;
    }

private:
    void watch(const at::Tensor& x) const
    {
        if (m_components == nullptr) {
            const bool isSame = m_last->components != nullptr && at::equal(m_last->input, x);
            m_components = isSame ? m_last->components : &m_own;
            *m_last = {x, m_components};
        }
        if (m_components == &m_own)
            m_own.add(x);
    }

    mutable PrincipalComponents m_own;
    mutable PrincipalComponents* m_components = nullptr; ///< own, or those of an equal input
    std::shared_ptr<LastRead> m_last;
};

/// Watches over layers while it lives.
class Watches
{
public:
    Watches(Model& model, const std::vector<LoraSite>& sites, double rho)
    {
        const auto last = std::make_shared<LastRead>();
        std::int64_t most = 0; // layers that read the same share theirs
        for (const LoraSite& site : sites)
            most = std::max(most, mostOf(site, rho));
        for (const LoraSite& site : sites) {
            m_linears.push_back(&model.linear(site.info.site));
            m_watches.push_back(std::make_shared<InputWatch>(most, last));
            m_linears.back()->deltas.push_back(m_watches.back());
        }
    }
    ~Watches()
    {
        for (std::size_t i = 0; i < m_linears.size(); ++i)
            std::erase(m_linears[i]->deltas, m_watches[i]);
    }
    Watches(const Watches&) = delete;
    Watches& operator=(const Watches&) = delete;

    static std::int64_t mostOf(const LoraSite& site, double rho)
    {
        // Halves go to the even number, as in Python.
        const auto most = std::llrint(std::nearbyint(static_cast<double>(site.rank) * rho));
        return std::min<std::int64_t>(most, site.info.in);
    }
    const PrincipalComponents& at(std::size_t i) const { return m_watches[i]->components(); }

private:
    std::vector<Linear*> m_linears;
    std::vector<std::shared_ptr<InputWatch>> m_watches;
};

bool hasLayer(const Model& model, SiteKind kind)
{
    return std::ranges::any_of(model.sites(),
                               [&](const SiteInfo& info) { return info.site.kind == kind; });
}

void read(const Model& model, const std::vector<PackedInput>& calibration)
{
    const at::NoGradGuard noGrad;
    for (const PackedInput& input : calibration) {
        const at::Tensor hidden = model.hidden(input);
        if (hasLayer(model, SiteKind::HeadDense)) // reads what the layers below give
            model.logits(hidden);
    }
}

std::vector<double> first(std::vector<double> shares, std::int64_t count)
{
    shares.resize(std::min(shares.size(), static_cast<std::size_t>(count)));
    return shares;
}

void checkRows(const PrincipalComponents& components, std::int64_t most)
{
    if (components.rows() < most)
        throw Error("EVA looks for " + std::to_string(most)
                        + " directions, but the data it looks at have only "
                        + std::to_string(components.rows()) + " tokens.",
                    "Give it more or longer rows, or choose a smaller rank.");
}

} // namespace

std::vector<std::int64_t> evaRanks(const std::vector<std::vector<double>>& shares,
                                   std::int64_t budget)
{
    struct Candidate
    {
        double share;
        std::size_t layer;
    };
    std::vector<Candidate> candidates;
    for (std::size_t layer = 0; layer < shares.size(); ++layer)
        for (const double share : shares[layer])
            candidates.push_back({share, layer});
    std::ranges::stable_sort(candidates, std::ranges::greater {}, &Candidate::share);
    if (budget < static_cast<std::int64_t>(candidates.size()))
        candidates.resize(static_cast<std::size_t>(budget));
    std::vector<std::int64_t> ranks(shares.size(), 0);
    for (const Candidate& candidate : candidates)
        ++ranks[candidate.layer];
    return ranks;
}

std::vector<EvaSite> evaSites(Model& model,
                              const std::vector<LoraSite>& sites,
                              double rho,
                              const std::vector<PackedInput>& calibration)
{
    const Watches watches(model, sites, rho);
    read(model, calibration);
    std::vector<std::vector<double>> shares;
    std::int64_t budget = 0;
    for (std::size_t i = 0; i < sites.size(); ++i) {
        const std::int64_t most = Watches::mostOf(sites[i], rho);
        checkRows(watches.at(i), most);
        shares.push_back(first(watches.at(i).shares(), most));
        budget += sites[i].rank;
    }
    const std::vector<std::int64_t> ranks = evaRanks(shares, budget);
    std::vector<EvaSite> placed;
    for (std::size_t i = 0; i < sites.size(); ++i) {
        if (ranks[i] == 0)
            continue;
        LoraSite site = sites[i];
        site.alpha *= static_cast<double>(ranks[i]) / static_cast<double>(site.rank);
        site.rank = ranks[i];
        placed.push_back({site, watches.at(i).directions().narrow(0, 0, site.rank).contiguous()});
    }
    return placed;
}

} // namespace tw
