// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/hooks.h"

#include <string>

namespace tw {

/// Rows of the embedding that an adapter brings along for a few tokens (PEFT: trainable tokens).
class TokenRows final : public TableChange
{
public:
    /// indices int64 [k]; values [k, hidden]; name: of the values behind the module's.
    TokenRows(at::Tensor indices, at::Tensor values, std::string name);

    at::Tensor
    rows(const at::Tensor& ids, const at::Tensor& base, const TensorFunction& below) const override;
    at::Tensor merged(const at::Tensor& base, const at::Tensor& below) const override;
    NamedTensors trainable() const override { return {{m_name, m_values}}; }

private:
    at::Tensor m_indices;
    at::Tensor m_values;
    std::string m_name;
};

/// The same rows of the head's matrix.
class HeadRows final : public LinearChange
{
public:
    /// As TokenRows. With an empty name the values are another change's, as where the head is tied,
    /// and trainable() leaves them out.
    HeadRows(at::Tensor indices, at::Tensor values, std::string name);

    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& base,
                       const TensorFunction& below) const override;
    LinearWeights merged(const LinearWeights& base, const LinearWeights& below) const override;
    NamedTensors trainable() const override;

private:
    at::Tensor m_indices;
    at::Tensor m_values;
    std::string m_name;
};

} // namespace tw
