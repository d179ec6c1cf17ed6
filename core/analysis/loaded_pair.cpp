// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/loaded_pair.h"

#include "core/adaptation/task_head.h"
#include "core/base/error.h"

namespace tw {
namespace {

std::vector<std::string> foldersOf(const ModelRef& ref)
{
    std::vector<std::string> folders = ref.furtherAdapters;
    if (!ref.adapter.empty())
        folders.insert(folders.begin(), ref.adapter);
    return folders;
}

std::shared_ptr<Model> modelOf(const ModelRef& ref, JobControl& control)
{
    return loadModel(openModelFor(ref.model, foldersOf(ref)), control);
}

std::vector<std::unique_ptr<Adapter>> adaptersOn(Model& model, const ModelRef& ref)
{
    std::vector<std::unique_ptr<Adapter>> adapters;
    for (const std::string& folder : foldersOf(ref))
        adapters.push_back(attachAdapter(model, folder));
    return adapters;
}

} // namespace

LoadedPair::LoadedPair(const ModelRef& base, const ModelRef& tuned, JobControl& control)
    : m_base(modelOf(base, control))
    , m_tuned(m_base)
{
    const bool isShared = base.model == tuned.model && base.adapter.empty()
        && base.furtherAdapters.empty() && !tuned.adapter.empty() && tuned.furtherAdapters.empty();
    if (!isShared)
        m_tuned = modelOf(tuned, control);
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
