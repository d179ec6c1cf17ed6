// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <initializer_list>
#include <vector>

namespace tw {

/// matrix({{1, 2}, {3, 4}}), for numbers one can check by hand.
inline at::Tensor matrix(std::initializer_list<std::vector<float>> rows)
{
    std::vector<at::Tensor> all;
    for (const std::vector<float>& row : rows)
        all.push_back(at::tensor(row));
    return at::stack(all);
}

} // namespace tw
