// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/token_rows.h"

#include <ATen/ATen.h>

namespace tw {

TokenRows::TokenRows(at::Tensor indices, at::Tensor values, std::string name)
    : m_indices(std::move(indices))
    , m_values(std::move(values))
    , m_name(std::move(name))
{
    m_values.requires_grad_();
}

at::Tensor TokenRows::rows(const at::Tensor& ids,
                           const at::Tensor& /*base*/,
                           const TensorFunction& below) const
{
    const at::Tensor hits = ids.unsqueeze(1) == m_indices.unsqueeze(0); // [n, k]
    const at::Tensor own = hits.to(m_values.scalar_type()).matmul(m_values);
    return at::where(hits.any(1, true), own, below(ids));
}

at::Tensor TokenRows::merged(const at::Tensor& /*base*/, const at::Tensor& below) const
{
    return below.index_copy(0, m_indices, m_values);
}

HeadRows::HeadRows(at::Tensor indices, at::Tensor values, std::string name)
    : m_indices(std::move(indices))
    , m_values(std::move(values))
    , m_name(std::move(name))
{
    m_values.requires_grad_();
}

at::Tensor
HeadRows::forward(const at::Tensor& x, const LinearWeights& base, const TensorFunction& below) const
{
    at::Tensor own = at::linear(x, m_values);
    if (base.bias.defined())
        own = own + base.bias.index_select(0, m_indices);
    return below(x).index_copy(1, m_indices, own);
}

LinearWeights HeadRows::merged(const LinearWeights& /*base*/, const LinearWeights& below) const
{
    return {below.weight.index_copy(0, m_indices, m_values), below.bias};
}

NamedTensors HeadRows::trainable() const
{
    return m_name.empty() ? NamedTensors() : NamedTensors {{m_name, m_values}};
}

} // namespace tw
