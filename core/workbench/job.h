// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/job/job_runner.h" // IWYU pragma: export

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tw {

/// Items that a job makes while it runs (tokens, texts); whoever watches takes them. Thread-safe.
template <typename T>
class Feed
{
public:
    void put(T item)
    {
        const std::lock_guard lock(m_mutex);
        m_items.push_back(std::move(item));
    }
    /// All items since the last call.
    std::vector<T> take()
    {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_items, {});
    }

private:
    std::mutex m_mutex;
    std::vector<T> m_items;
};

/// A job whose parts can be seen before it ends.
template <typename T, typename Part>
struct StreamingJob
{
    Job<T> job;
    std::shared_ptr<Feed<Part>> feed;
};

} // namespace tw
