// SPDX-License-Identifier: Apache-2.0
#include "core/model/weight_source.h"

#include "core/model/model.h"

#include <ATen/ATen.h>

namespace tw {

at::Tensor WeightSource::take(const std::string& name, const std::vector<std::int64_t>& shape)
{
    at::Tensor found = read(name, shape);
    m_taken.emplace_back(name, found);
    return found;
}

Skeleton::Skeleton(const ModelSource& source)
    : m_source(source)
{
}

bool Skeleton::has(const std::string& name) const
{
    return m_source.has(name);
}

at::Tensor Skeleton::read(const std::string&, const std::vector<std::int64_t>& shape)
{
    return at::empty(shape, at::TensorOptions(at::kMeta).dtype(at::kFloat));
}

HeldWeights::HeldWeights(const std::map<std::string, at::Tensor>& weights)
    : m_weights(weights)
{
}

at::Tensor HeldWeights::read(const std::string& name, const std::vector<std::int64_t>&)
{
    return m_weights.at(name);
}

} // namespace tw
