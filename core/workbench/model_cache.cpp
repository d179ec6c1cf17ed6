// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/data/chat_templates.h"
#include "core/workbench/workspace_state.h"

#include <chrono>
#include <set>

namespace tw {
namespace {

namespace fs = std::filesystem;

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

/// Names, sizes and times of a model's files: another text where one was exchanged.
std::string stateOf(const fs::path& path)
{
    std::set<std::string> lines;
    const auto add = [&](const fs::path& file) {
        std::error_code code;
        const auto size = fs::file_size(file, code);
        const auto time = fs::last_write_time(file, code).time_since_epoch().count();
        lines.insert(file.filename().string() + " " + std::to_string(size) + " "
                     + std::to_string(time));
    };
    std::error_code code;
    if (!fs::is_directory(path, code))
        add(path);
    for (fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code))
        if (it->is_regular_file(code))
            add(it->path());
    return join({lines.begin(), lines.end()}, "\n");
}

} // namespace

const Tokenizer& LoadedModel::textTokenizer() const
{
    if (tokenizerProblem)
        throw Error(*tokenizerProblem);
    return *tokenizer;
}

std::shared_ptr<LoadedModel> ModelCache::get(const std::string& path, JobControl& control)
{
    // Loading happens under the lock: a second question to the same model waits instead of loading
    // it again.
    const auto lock = lockFor(m_mutex, control);
    const std::string files = stateOf(path);
    m_models.remove_if(
        [&](const Entry& entry) { return entry.path == path && entry.files != files; });
    for (auto it = m_models.begin(); it != m_models.end(); ++it) {
        if (it->path != path)
            continue;
        m_models.splice(m_models.begin(), m_models, it);
        return it->loaded;
    }
    auto loaded = std::make_shared<LoadedModel>();
    loaded->source = openModelSource(path);
    loaded->model = loadModel(loaded->source, control);
    try { // ids can be computed with all the same
        loaded->tokenizer = openTokenizer(path);
        loaded->chatTemplate = chatTemplateOf(path);
    } catch (const Error& error) {
        loaded->tokenizerProblem = error;
    }
    m_models.push_front({path, files, loaded});
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
