// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/adaptation.h"
#include "core/adaptation/own_method.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

class Together final : public Adapter
{
public:
    explicit Together(std::vector<std::unique_ptr<Adapter>> parts)
        : m_parts(std::move(parts))
    {
    }
    ~Together() override
    {
        // What lies on top goes first: each restores what it found.
        while (!m_parts.empty())
            m_parts.pop_back();
    }
    Together(const Together&) = delete;
    Together& operator=(const Together&) = delete;

    NamedTensors parameters() const override { return all(&Adapter::parameters); }
    NamedTensors state() const override { return all(&Adapter::state); }

    std::vector<Treatment> treatments() const override
    {
        std::vector<Treatment> each;
        for (const auto& part : m_parts)
            for (const Treatment& treatment : part->treatments())
                each.push_back(treatment);
        return each;
    }

    std::string peftConfig(const std::string& baseModelName) const override
    {
        return partsConfig(m_parts.size(), baseModelName);
    }

    std::shared_ptr<const LinearChange> delta(Site site) const override
    {
        for (const auto& part : m_parts)
            if (auto found = part->delta(site))
                return found;
        return nullptr;
    }

    std::vector<Site> sites() const override
    {
        std::vector<Site> each;
        for (const auto& part : m_parts)
            for (const Site site : part->sites())
                each.push_back(site);
        return each;
    }

    void setEnabled(bool isEnabled) override
    {
        if (isEnabled)
            for (const auto& part : m_parts)
                part->setEnabled(true);
        else
            for (auto part = m_parts.rbegin(); part != m_parts.rend(); ++part)
                (*part)->setEnabled(false);
    }

    std::vector<const Adapter*> parts() const override
    {
        std::vector<const Adapter*> each;
        for (const auto& part : m_parts)
            each.push_back(part.get());
        return each;
    }

    at::Tensor penalty() const override
    {
        at::Tensor sum;
        for (const auto& part : m_parts)
            if (const at::Tensor own = part->penalty(); own.defined())
                sum = sum.defined() ? sum + own : own;
        return sum;
    }

    void beforeUpdate(const TrainingMoment& moment) override
    {
        for (const auto& part : m_parts)
            part->beforeUpdate(moment);
    }

    void afterUpdate(const TrainingMoment& moment) override
    {
        for (const auto& part : m_parts)
            part->afterUpdate(moment);
    }

private:
    NamedTensors all(NamedTensors (Adapter::*which)() const) const
    {
        NamedTensors each;
        for (std::size_t i = 0; i < m_parts.size(); ++i)
            for (const auto& [name, tensor] : ((*m_parts[i]).*which)())
                each.emplace_back(std::to_string(i) + "/" + name, tensor);
        return each;
    }

    std::vector<std::unique_ptr<Adapter>> m_parts;
};

} // namespace

std::unique_ptr<Adapter> together(std::vector<std::unique_ptr<Adapter>> parts)
{
    if (parts.size() == 1)
        return std::move(parts.front());
    return std::make_unique<Together>(std::move(parts));
}

} // namespace tw
