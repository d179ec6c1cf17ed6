// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/loaded_pair.h"

#include "core/base/error.h"

namespace tw {

LoadedPair::LoadedPair(const ModelRef& base, const ModelRef& tuned, JobControl& control)
    : m_base(loadModel(openModelSource(base.model), control))
    , m_tuned(m_base)
{
    const bool isShared =
        base.model == tuned.model && base.adapter.empty() && !tuned.adapter.empty();
    if (!isShared)
        m_tuned = loadModel(openModelSource(tuned.model), control);
    if (m_base->config().vocabularySize != m_tuned->config().vocabularySize)
        throw Error(tuned.model + " has another vocabulary than " + base.model + ".",
                    "Compare models that use the same tokenizer.");
    if (!base.adapter.empty())
        m_baseAdapter = attachAdapter(*m_base, base.adapter);
    if (!tuned.adapter.empty())
        m_tunedAdapter = attachAdapter(*m_tuned, tuned.adapter);
}

ContrastPair LoadedPair::pair() const
{
    return m_base == m_tuned ? contrastPair(*m_base, *m_tunedAdapter)
                             : contrastPair(*m_base, *m_tuned);
}

} // namespace tw
