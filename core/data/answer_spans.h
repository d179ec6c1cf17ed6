// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/conversation.h"
#include "core/jinja/template.h"
#include "core/tokenizer/tokenizer.h"

#include <functional>

namespace tw {

/// A conversation as the model sees it: the text, and where in it (byte ranges) somebody speaks.
struct LaidOutText
{
    using Span = std::pair<std::size_t, std::size_t>;
    std::string text;
    std::vector<Span> answers; ///< with what ends the turn
    std::vector<std::size_t>
        openEnds; ///< where answers end without it: a special token there belongs to them
    std::vector<Span> prompts; ///< what the person, the system or a tool said
};

/// "bos_token", "eos_token", "pad_token" and "unk_token" with their texts, as templates know them.
/// What the tokenizer lacks is left out: undefined, not none, which templates would print.
Json specialTokensOf(const Tokenizer& tokenizer);

/// Renders conversations and finds the answers in the result: by the template's own {% generation
/// %} blocks where it has them, else by rendering up to each answer and behind it, else by looking
/// for the words.
class ConversationRenderer
{
public:
    /// specials: as specialTokensOf() gives them.
    ConversationRenderer(jinja::Template chatTemplate, Json specials);
    /// Throws Error where the template fails or does not show an answer.
    LaidOutText render(const Conversation& conversation) const;
    /// The text up to the last answer, with what invites it.
    std::string promptOf(const Conversation& conversation) const;

private:
    jinja::Rendered
    rendered(const Conversation& conversation, std::size_t count, bool withPrompt) const;
    LaidOutText::Span answerSpan(const Conversation& conversation,
                                 std::size_t index,
                                 const std::string& text,
                                 std::size_t from) const;

    jinja::Template m_template;
    Json m_specials;
};

} // namespace tw
