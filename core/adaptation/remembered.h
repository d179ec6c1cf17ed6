// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace tw {

/// A tensor that is computed from others and asked for at every token, while they change only in
/// training. Thread-safe.
class Remembered
{
public:
    /// make(), or what it gave last where no gradient is recorded and none of `from` has changed.
    at::Tensor get(const std::vector<at::Tensor>& from,
                   const std::function<at::Tensor()>& make) const;

private:
    mutable std::mutex m_mutex;
    mutable std::vector<std::pair<const void*, std::uint32_t>> m_seen; ///< memory and version
    mutable at::Tensor m_value;
};

} // namespace tw
