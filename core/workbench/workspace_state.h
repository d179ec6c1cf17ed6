// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"
#include "core/base/error.h"
#include "core/model/model.h"
#include "core/tokenizer/tokenizer.h"
#include "core/workbench/file_cache.h"
#include "core/workbench/workspace.h"

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tw {

/// A model in memory with what belongs to it. Whoever attaches adapters to it holds `use`.
struct LoadedModel
{
    ModelSource source;
    std::shared_ptr<Model> model;
    std::shared_ptr<const Tokenizer> tokenizer; ///< nullptr where there is none that can be read
    std::optional<Error> tokenizerProblem;
    std::string chatTemplate;
    std::timed_mutex use;

    /// For whoever needs texts. Throws Error where the model has no tokenizer.
    const Tokenizer& textTokenizer() const;
};

/// The two models used last, so that two questions to one model load it once. Thread-safe.
class ModelCache
{
public:
    /// The model, opened for the heads of its adapters, which are not attached. Waits while another
    /// job loads a model. Throws Cancelled.
    std::shared_ptr<LoadedModel> get(const ModelRef& ref, JobControl& control);

private:
    struct Entry
    {
        std::string path;
        std::string heads; ///< that it was opened for
        std::string files; ///< as they were when it was loaded
        std::shared_ptr<LoadedModel> loaded;
    };
    std::timed_mutex m_mutex;
    std::list<Entry> m_models; ///< newest first
};

/// A model with its adapters attached for as long as this lives; nobody else uses it meanwhile.
class ModelLease
{
public:
    /// Waits while another job uses the model. Throws Cancelled.
    ModelLease(std::shared_ptr<LoadedModel> loaded, const ModelRef& ref, JobControl& control);
    Model& model() const { return *m_loaded->model; }
    const LoadedModel& loaded() const { return *m_loaded; }
    const std::vector<std::unique_ptr<Adapter>>& adapters() const { return m_adapters; }

private:
    /// The last one goes first: each puts back what it found, which may be the one before.
    struct Stack : std::vector<std::unique_ptr<Adapter>>
    {
        Stack() = default;
        Stack(Stack&&) = default;
        ~Stack()
        {
            while (!empty())
                pop_back();
        }
    };

    std::shared_ptr<LoadedModel> m_loaded;
    std::unique_lock<std::timed_mutex> m_lock;
    Stack m_adapters; // behind the lock: they go before it is free
};

/// Folders of the adapters of a model, lowest first.
std::vector<std::string> adaptersOf(const ModelRef& ref);

struct Workspace::State
{
    std::int64_t threads = 0;
    std::shared_ptr<ModelCache> models = std::make_shared<ModelCache>();
    std::shared_ptr<OpenFiles> files = std::make_shared<OpenFiles>();
    JobRunner runner; // last: it joins all jobs before anything else goes

    /// Starts work(control) in a lane with the workspace's number of threads.
    template <typename Work>
    auto start(Lane::Kind lane, Work work)
    {
        return runner.start(
            Lane {lane}, [threads = threads, work = std::move(work)](JobControl& control) mutable {
                useThreads(threads);
                return work(control);
            });
    }
    static void useThreads(std::int64_t threads);
};

} // namespace tw
