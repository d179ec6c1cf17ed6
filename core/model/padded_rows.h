// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

namespace tw {

/// Rows that were padded to one length, with the padding taken out.
class PaddedRows
{
public:
    /// inputs: "input_ids" [rows, length]; "attention_mask" (1: attended) and "token_type_ids" of
    /// that shape may be missing. prefix stands before these names ("decoder_"). Throws Error for
    /// wrong shapes and for ids outside of the vocabulary.
    PaddedRows(const Tensors& inputs, const ModelConfig& config, const std::string& prefix = "");

    /// From now on packed() asks for `count` virtual tokens before each row, and spread() expects
    /// and places them: [rows, count + length, ...].
    void showVirtualTokens(std::int64_t count);

    const PackedInput& packed() const { return m_packed; }
    /// Distances are counted between attended tokens: padding among them would shift them. Throws
    /// Error where there is any.
    void checkNoHoles() const;
    std::int64_t rows() const { return m_rows; }
    std::int64_t length() const { return m_length; }
    /// [tokens, ...] -> [rows, length, ...], zeros where padding stands.
    at::Tensor spread(const at::Tensor& perToken) const;
    /// The row's first token. [tokens, d] -> [rows, d]. Throws Error where a row has no token.
    at::Tensor firstOf(const at::Tensor& perToken) const;
    /// The row's last token that is not config.paddingId, or its last where there is no such id.
    at::Tensor lastOf(const at::Tensor& perToken) const;

private:
    at::Tensor
    positionsOf(const at::Tensor& ids, const at::Tensor& mask, const ModelConfig& config) const;

    PackedInput m_packed;
    std::int64_t m_rows = 0;
    std::int64_t m_length = 0;
    std::int64_t m_paddingId = -1;
    at::Tensor m_places; ///< of each token within rows x length
};

} // namespace tw
