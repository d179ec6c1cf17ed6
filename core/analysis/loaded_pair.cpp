// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/loaded_pair.h"

#include "core/base/error.h"

namespace tw {
namespace {

std::vector<std::unique_ptr<Adapter>> adaptersOn(Model& model, const ModelRef& ref)
{
    std::vector<std::unique_ptr<Adapter>> adapters;
    if (!ref.adapter.empty())
        adapters.push_back(attachAdapter(model, ref.adapter));
    for (const std::string& folder : ref.furtherAdapters)
        adapters.push_back(attachAdapter(model, folder));
    return adapters;
}

} // namespace

LoadedPair::LoadedPair(const ModelRef& base, const ModelRef& tuned, JobControl& control)
    : m_base(loadModel(openModelSource(base.model), control))
    , m_tuned(m_base)
{
    const bool isShared = base.model == tuned.model && base.adapter.empty()
        && base.furtherAdapters.empty() && !tuned.adapter.empty() && tuned.furtherAdapters.empty();
    if (!isShared)
        m_tuned = loadModel(openModelSource(tuned.model), control);
    if (m_base->config().vocabularySize != m_tuned->config().vocabularySize)
        throw Error(tuned.model + " has another vocabulary than " + base.model + ".",
                    "Compare models that use the same tokenizer.");
    m_baseAdapters = adaptersOn(*m_base, base);
    m_tunedAdapters = adaptersOn(*m_tuned, tuned);
}

ContrastPair LoadedPair::pair() const
{
    return m_base == m_tuned ? contrastPair(*m_base, *m_tunedAdapters.front())
                             : contrastPair(*m_base, *m_tuned);
}

} // namespace tw
