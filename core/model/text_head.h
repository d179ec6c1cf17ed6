// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"
#include "core/model/padded_rows.h"

namespace tw {

/// What a class of Transformers makes of a text model's hidden states: one for each ModelTask.
class TextHead
{
public:
    virtual ~TextHead() = default;
    /// hidden: [tokens, d] of the rows. Gives Transformers' names: "logits", "last_hidden_state"
    /// ...
    virtual Tensors outputs(const at::Tensor& hidden, const PaddedRows& rows) const = 0;
    /// What each token was, for heads that restore hidden tokens: [n, d] -> [n, vocabulary].
    /// Undefined for the others.
    virtual at::Tensor tokenLogits(const at::Tensor& hidden) const;
    /// Where methods can sit in it; a head of a task is trained as a whole and has no such places.
    virtual std::vector<SiteInfo> sites() const { return {}; }
    /// The layer at one of them; nullptr where there is none.
    virtual Linear* find(Site /*site*/) { return nullptr; }
};

/// Heads that all decoders have. What parts refer to has to outlive the head. Throws Error for
/// other tasks.
std::unique_ptr<TextHead> decoderHead(const ModelConfig& config,
                                      const HeadNames& names,
                                      const HeadParts& parts,
                                      WeightSource& weights);

} // namespace tw
