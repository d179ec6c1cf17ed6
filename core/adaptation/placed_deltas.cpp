// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/placed_deltas.h"

#include <algorithm>

namespace tw {
namespace {

class PlacedDeltas final : public Adapter
{
public:
    PlacedDeltas(Model& model,
                 std::vector<PlacedDelta> deltas,
                 std::function<std::string(const std::string&)> peftConfig)
        : m_deltas(std::move(deltas))
        , m_peftConfig(std::move(peftConfig))
    {
        for (const auto& placed : m_deltas)
            m_linears.push_back(&model.linear(placed.info.site));
        attach();
    }
    ~PlacedDeltas() override { detach(); }
    PlacedDeltas(const PlacedDeltas&) = delete;
    PlacedDeltas& operator=(const PlacedDeltas&) = delete;

    NamedTensors parameters() const override
    {
        NamedTensors all;
        for (const auto& placed : m_deltas)
            for (const auto& [name, tensor] : placed.delta->trainable())
                all.emplace_back(placed.info.module + "." + name, tensor);
        return all;
    }

    std::string peftConfig(const std::string& baseModelName) const override
    {
        return m_peftConfig(baseModelName);
    }

    std::shared_ptr<const WeightDelta> delta(Site site) const override
    {
        const auto it = std::find_if(m_deltas.begin(), m_deltas.end(),
                                     [&](const auto& placed) { return placed.info.site == site; });
        return it == m_deltas.end() ? nullptr : it->delta;
    }

    std::vector<Site> sites() const override
    {
        std::vector<Site> all;
        for (const auto& placed : m_deltas)
            all.push_back(placed.info.site);
        return all;
    }

    void setEnabled(bool isEnabled) override
    {
        if (isEnabled == m_isAttached)
            return;
        if (isEnabled)
            attach();
        else
            detach();
    }

private:
    void attach()
    {
        for (std::size_t i = 0; i < m_deltas.size(); ++i)
            m_linears[i]->deltas.push_back(m_deltas[i].delta);
        m_isAttached = true;
    }

    void detach()
    {
        for (std::size_t i = 0; i < m_deltas.size(); ++i)
            std::erase(m_linears[i]->deltas, m_deltas[i].delta);
        m_isAttached = false;
    }

    std::vector<PlacedDelta> m_deltas;
    std::vector<Linear*> m_linears; ///< of m_deltas, in their order
    std::function<std::string(const std::string&)> m_peftConfig;
    bool m_isAttached = false;
};

} // namespace

std::unique_ptr<Adapter>
placeDeltas(Model& model,
            std::vector<PlacedDelta> deltas,
            std::function<std::string(const std::string& baseModelName)> peftConfig)
{
    return std::make_unique<PlacedDeltas>(model, std::move(deltas), std::move(peftConfig));
}

} // namespace tw
