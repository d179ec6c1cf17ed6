// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/peft_reader.h"

#include "core/adaptation/beyond_sites.h"
#include "core/base/error.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <iterator>

namespace tw {
namespace {

std::string shapeText(const std::vector<std::int64_t>& shape)
{
    return c10::str("[", c10::Join(", ", shape), "]");
}

} // namespace

std::string peftName(const std::string& module, const std::string& tensor)
{
    return kPeftPrefix + module + "." + tensor;
}

PeftReader::PeftReader(Model& model, const std::string& configText, const TensorFile& tensors)
    : m_model(model)
    , m_config(parsePeftConfig(configText))
    , m_tensors(tensors)
{
}

std::vector<SiteInfo> PeftReader::targets(const std::vector<SiteKind>& further) const
{
    const auto sites = withLinearsBeyond(m_model, m_tensors);
    auto targeted = targetedSites(m_config, sites, further);
    const auto has = [&](SiteKind kind) {
        return std::any_of(targeted.begin(), targeted.end(),
                           [kind](const SiteInfo& info) { return info.site.kind == kind; });
    };
    if (savesTiedHead(*this) && has(SiteKind::Embed) && !has(SiteKind::Head))
        std::copy_if(sites.begin(), sites.end(), std::back_inserter(targeted),
                     [](const SiteInfo& info) { return info.site.kind == SiteKind::Head; });
    return targeted;
}

bool savesTiedHead(const PeftReader& reader)
{
    return reader.model().config().tiesHead
        && peftFlag(reader.config(), "ensure_weight_tying", false);
}

std::vector<std::int64_t> PeftReader::shapeOf(const std::string& name) const
{
    if (const TensorInfo* info = m_tensors.find(name))
        return info->shape;
    throw Error("The adapter's file lacks the tensor " + name + ".",
                "The file is incomplete: get it again.");
}

at::Tensor PeftReader::tensor(const std::string& name, const std::vector<std::int64_t>& shape)
{
    if (const auto stored = shapeOf(name); stored != shape)
        throw Error("The tensor " + name + " of the adapter does not fit: " + shapeText(stored)
                        + " instead of " + shapeText(shape) + ".",
                    "Open the model that the adapter was trained on, and check the sizes in "
                    "adapter_config.json (r above all).");
    m_asked.insert(name);
    return m_tensors.readFloat(name).contiguous().clone();
}

std::vector<TensorInfo> PeftReader::leftOvers() const
{
    std::vector<TensorInfo> left;
    for (const TensorInfo& info : m_tensors.tensors())
        if (!m_asked.contains(info.name))
            left.push_back(info);
    return left;
}

void PeftReader::refuseLeftOvers() const
{
    for (const TensorInfo& info : leftOvers())
        refuseLeftOver(info.name);
}

void PeftReader::refuseLeftOver(const std::string& name)
{
    throw Error("The adapter's file holds the tensor " + name
                    + ", which its adapter_config.json does not account for here.",
                "Open the model that the adapter was trained on, and check whether both files "
                "belong together.");
}

} // namespace tw
