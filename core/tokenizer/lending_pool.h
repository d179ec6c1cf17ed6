// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <vector>

namespace tw {

/// Lends objects that are costly to make to one thread at a time. What is not given back (an
/// exception flew by) is gone.
template <typename T>
class LendingPool
{
public:
    template <typename Make>
    std::unique_ptr<T> take(Make make)
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (!m_free.empty()) {
                auto object = std::move(m_free.back());
                m_free.pop_back();
                return object;
            }
        }
        return make();
    }
    void giveBack(std::unique_ptr<T> object)
    {
        const std::scoped_lock lock(m_mutex);
        m_free.push_back(std::move(object));
    }

private:
    std::mutex m_mutex;
    std::vector<std::unique_ptr<T>> m_free;
};

} // namespace tw
