// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/task_head.h"
#include "core/data/chat_templates.h"
#include "core/workbench/workspace_state.h"

#include <chrono>

namespace tw {
namespace {

constexpr std::size_t kKept = 2; // a comparison needs two; more would fill the memory

/// Holds the mutex once it is free. A job that waits for another one can still be cancelled.
std::unique_lock<std::timed_mutex> lockFor(std::timed_mutex& mutex, JobControl& control)
{
    constexpr std::chrono::milliseconds kPatience {50}; // what a person takes as at once
    std::unique_lock lock(mutex, std::defer_lock);
    while (!lock.try_lock_for(kPatience))
        control.throwIfCancelled();
    return lock;
}

/// The heads that the adapters bring along, as one text.
std::string headsOf(const ModelRef& ref)
{
    std::string all;
    for (const std::string& folder : adaptersOf(ref))
        if (const auto head = taskHeadIn(folder))
            all += taskHeadText(*head) + "\n";
    return all;
}

} // namespace

const Tokenizer& LoadedModel::textTokenizer() const
{
    if (tokenizerProblem)
        throw Error(*tokenizerProblem);
    return *tokenizer;
}

std::shared_ptr<LoadedModel> ModelCache::get(const ModelRef& ref, JobControl& control)
{
    const std::string& path = ref.model;
    const std::string heads = headsOf(ref);
    // Loading happens under the lock: a second question to the same model waits instead of loading
    // it again.
    const auto lock = lockFor(m_mutex, control);
    const std::string files = stateOfFiles(path);
    m_models.remove_if(
        [&](const Entry& entry) { return entry.path == path && entry.files != files; });
    for (auto it = m_models.begin(); it != m_models.end(); ++it) {
        if (it->path != path || it->heads != heads)
            continue;
        m_models.splice(m_models.begin(), m_models, it);
        return it->loaded;
    }
    auto loaded = std::make_shared<LoadedModel>();
    loaded->source = openModelFor(path, adaptersOf(ref));
    loaded->model = loadModel(loaded->source, control);
    try { // ids can be computed with all the same
        loaded->tokenizer = openTokenizer(path);
        loaded->chatTemplate = chatTemplateOf(path);
    } catch (const Error& error) {
        loaded->tokenizerProblem = error;
    }
    m_models.push_front({path, heads, files, loaded});
    if (m_models.size() > kKept)
        m_models.pop_back();
    return loaded;
}

ModelLease::ModelLease(std::shared_ptr<LoadedModel> loaded,
                       const ModelRef& ref,
                       JobControl& control)
    : m_loaded(std::move(loaded))
    , m_lock(lockFor(m_loaded->use, control))
{
    for (const std::string& folder : adaptersOf(ref))
        m_adapters.push_back(attachAdapter(*m_loaded->model, folder));
}

std::vector<std::string> adaptersOf(const ModelRef& ref)
{
    std::vector<std::string> folders;
    if (!ref.adapter.empty())
        folders.push_back(ref.adapter);
    folders.insert(folders.end(), ref.furtherAdapters.begin(), ref.furtherAdapters.end());
    return folders;
}

} // namespace tw
