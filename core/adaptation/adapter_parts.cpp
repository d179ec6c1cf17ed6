// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/adapter_parts.h"

#include "core/adaptation/own_weight.h"
#include "core/adaptation/task_head.h"
#include "core/base/error.h"
#include "core/model/head_weights.h"
#include "core/model/other_task.h"

#include <algorithm>

namespace tw {
namespace {

class AttachedParts final : public Adapter, public MayBringHead
{
public:
    AttachedParts(Model& model,
                  AdapterParts parts,
                  std::function<std::string(const std::string&)> peftConfig)
        : m_model(model)
        , m_parts(std::move(parts))
        , m_peftConfig(std::move(peftConfig))
    {
        if (m_parts.virtualTokens != nullptr && model.virtualTokens() != nullptr)
            throw Error("Two adapters put virtual tokens before the text, and only one can.",
                        "Use one of them at a time.");
        for (const PlacedChange& placed : m_parts.changes)
            m_linears.push_back(&model.linear(placed.info.site));
        for (const PlacedHiddenChange& placed : m_parts.hiddenChanges)
            m_places.push_back(&model.hiddenChanges(placed.info));
        for (const BroughtWeight& brought : m_parts.weights)
            m_weights.emplace_back(model, brought);
        attach();
    }
    ~AttachedParts() override
    {
        if (m_isAttached)
            detach();
    }
    AttachedParts(const AttachedParts&) = delete;
    AttachedParts& operator=(const AttachedParts&) = delete;

    NamedTensors parameters() const override
    {
        NamedTensors all;
        const auto add = [&all](const std::string& module, const NamedTensors& own) {
            for (const auto& [name, tensor] : own)
                all.emplace_back(module + name, tensor);
        };
        for (const PlacedChange& placed : m_parts.changes)
            add(placed.info.module + ".", placed.change->trainable());
        for (const PlacedTableChange& placed : m_parts.tableChanges)
            add(placed.module + ".", placed.change->trainable());
        for (const PlacedHiddenChange& placed : m_parts.hiddenChanges)
            add(placed.info.module + ".", placed.change->trainable());
        for (std::size_t i = 0; i < m_weights.size(); ++i)
            if (m_parts.weights[i].isTrained)
                all.emplace_back(m_parts.weights[i].storedAs, m_weights[i].tensor());
        if (m_parts.virtualTokens != nullptr)
            add("", m_parts.virtualTokens->trainable());
        return all;
    }

    std::vector<Treatment> treatments() const override
    {
        std::vector<Treatment> all;
        for (const auto& [name, tensor] : parameters())
            all.push_back(m_parts.treatment ? m_parts.treatment(name) : Treatment {});
        return all;
    }

    NamedTensors frozen() const override { return m_parts.frozen; }
    NamedTensors written() const override
    {
        return m_parts.written ? m_parts.written() : NamedTensors {};
    }
    NamedTensors state() const override { return m_parts.state; }
    at::Tensor penalty() const override
    {
        return m_parts.penalty ? m_parts.penalty() : at::Tensor();
    }
    void beforeUpdate(const TrainingMoment& moment) override
    {
        if (m_parts.beforeUpdate)
            m_parts.beforeUpdate(moment);
    }
    void afterUpdate(const TrainingMoment& moment) override
    {
        if (m_parts.afterUpdate)
            m_parts.afterUpdate(moment);
    }

    std::string peftConfig(const std::string& baseModelName) const override
    {
        return m_peftConfig(baseModelName);
    }

    std::shared_ptr<const LinearChange> delta(Site site) const override
    {
        const auto it = std::find_if(m_parts.changes.begin(), m_parts.changes.end(),
                                     [&](const auto& placed) { return placed.info.site == site; });
        return it == m_parts.changes.end() ? nullptr : it->change;
    }

    std::vector<Site> sites() const override
    {
        std::vector<Site> all;
        for (const PlacedChange& placed : m_parts.changes)
            all.push_back(placed.info.site);
        for (const PlacedHiddenChange& placed : m_parts.hiddenChanges)
            all.push_back(placed.info.site);
        return all;
    }

    std::optional<TaskHead> taskHead() const override
    {
        const NamedTensors head = headWeightsOf(m_model);
        const bool brings = std::ranges::any_of(m_parts.weights, [&](const BroughtWeight& own) {
            return std::ranges::any_of(
                head, [&](const auto& weight) { return weight.first == own.weight; });
        });
        if (!brings || !hasLabels(m_model.config().task))
            return std::nullopt;
        return TaskHead {m_model.config().architecture, m_model.config().labels};
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
        for (OwnWeight& weight : m_weights)
            weight.enable();
        for (std::size_t i = 0; i < m_linears.size(); ++i)
            m_linears[i]->deltas.push_back(m_parts.changes[i].change);
        for (const PlacedTableChange& placed : m_parts.tableChanges)
            m_model.embedding().changes.push_back(placed.change);
        for (std::size_t i = 0; i < m_places.size(); ++i)
            m_places[i]->push_back(m_parts.hiddenChanges[i].change);
        if (m_parts.virtualTokens != nullptr)
            m_model.setVirtualTokens(m_parts.virtualTokens);
        m_isAttached = true;
    }

    void detach()
    {
        if (m_parts.virtualTokens != nullptr)
            m_model.setVirtualTokens(nullptr);
        for (std::size_t i = 0; i < m_places.size(); ++i)
            std::erase(*m_places[i], m_parts.hiddenChanges[i].change);
        for (const PlacedTableChange& placed : m_parts.tableChanges)
            std::erase(m_model.embedding().changes, placed.change);
        for (std::size_t i = 0; i < m_linears.size(); ++i)
            std::erase(m_linears[i]->deltas, m_parts.changes[i].change);
        for (OwnWeight& weight : m_weights)
            weight.disable();
        m_isAttached = false;
    }

    Model& m_model;
    AdapterParts m_parts;
    std::vector<Linear*> m_linears; ///< of m_parts.changes, in their order
    std::vector<HiddenChanges*> m_places; ///< of m_parts.hiddenChanges, in their order
    std::vector<OwnWeight> m_weights; ///< of m_parts.weights, in their order
    std::function<std::string(const std::string&)> m_peftConfig;
    bool m_isAttached = false;
};

} // namespace

std::unique_ptr<Adapter>
attachParts(Model& model,
            AdapterParts parts,
            std::function<std::string(const std::string& baseModelName)> peftConfig)
{
    return std::make_unique<AttachedParts>(model, std::move(parts), std::move(peftConfig));
}

} // namespace tw
