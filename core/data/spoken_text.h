// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/answer_spans.h"
#include "core/data/row_form.h"

namespace tw {

/// Texts, prompts with answers, and conversations: as text with the places where somebody speaks,
/// and as tokens with a mask. What TrainOn chooses is trained; answers of weight 0 are only read.
class SpokenText
{
public:
    /// Throws Error where the roles need a template and the layout has none.
    explicit SpokenText(const FormParts& parts);

    /// A text that stands alone: all of it is trained, with the token that ends it.
    TokenizedRow text(const RowCells& cells) const;
    /// Prompt and answer, or messages.
    TokenizedRow answered(const RowCells& cells) const;
    /// The prompt with what invites the answer, as text.
    std::string prompt(const RowCells& cells) const;
    std::vector<std::int64_t> promptIds(const RowCells& cells) const;

private:
    struct Renderer;

    LaidOutText pair(const RowCells& cells) const;
    std::string pairPrompt(const RowCells& cells) const;
    LaidOutText conversation(const RowCells& cells) const;
    TokenizedRow masked(const LaidOutText& laidOut, bool withEnd) const;
    void dropBehindTurns(const LaidOutText& laidOut,
                         const Encoding& encoding,
                         std::vector<TokenKind>& kinds) const;

    FormParts m_parts;
    std::shared_ptr<const Renderer> m_renderer; ///< of Chat and ChatMl
};

} // namespace tw
