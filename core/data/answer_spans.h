// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/conversation.h"
#include "core/jinja/template.h"
#include "core/tokenizer/tokenizer.h"

#include <optional>

namespace tw {

/// A conversation as the model sees it: the text, and where in it (byte ranges) somebody speaks.
struct LaidOutText
{
    using Span = std::pair<std::size_t, std::size_t>;
    std::string text;
    std::vector<Span> answers; ///< with what ends the turn
    std::vector<float> weights = {}; ///< of each answer; empty: 1
    std::vector<std::size_t>
        openEnds; ///< where answers end without it: a special token there belongs to them
    std::vector<Span> prompts; ///< what the person, the system or a tool said
};

/// "bos_token", "eos_token", "pad_token" and "unk_token" with their texts, as templates know them.
/// What the tokenizer lacks is left out: undefined, not none, which templates would print.
Json specialTokensOf(const Tokenizer& tokenizer);

/// Renders conversations and finds the answers in the result: by the template's own {% generation
/// %} blocks where it has them, else by rendering up to each answer and behind it, else by looking
/// for the words, else (tool calls) by changing the answer and seeing what changes. A turn that the
/// template hides has no answer.
class ConversationRenderer
{
public:
    /// specials: as specialTokensOf() gives them.
    ConversationRenderer(jinja::Template chatTemplate, Json specials);
    /// Throws Error where the template fails or shows no answer at all.
    LaidOutText render(const Conversation& conversation) const;
    /// Only by the template's own blocks. Throws Error where it has none.
    LaidOutText renderMarked(const Conversation& conversation) const;
    /// The text up to the last answer, with what invites it.
    std::string promptOf(const Conversation& conversation) const;

private:
    jinja::Rendered
    rendered(const Conversation& conversation, std::size_t count, bool withPrompt) const;
    /// The text, with the answers that the template marks itself.
    LaidOutText marked(const Conversation& conversation) const;
    void findTurns(const Conversation& conversation, bool isMarked, LaidOutText& out) const;
    struct Answer
    {
        LaidOutText::Span span; ///< empty: not shown
        bool isOpen = false; ///< without what ends the turn
    };
    Answer answerIn(const Conversation& conversation,
                    std::size_t index,
                    const std::string& text,
                    std::size_t from) const;
    std::optional<LaidOutText::Span> spanByTurns(const Conversation& conversation,
                                                 std::size_t index,
                                                 const std::string& text,
                                                 std::size_t from) const;
    std::optional<LaidOutText::Span> spanByChange(const Conversation& conversation,
                                                  std::size_t index,
                                                  const std::string& text) const;
    /// Names and arguments of calls alone are not what the model says: with what stands between the
    /// invitation and the end of the turn.
    LaidOutText::Span widened(const LaidOutText::Span& span,
                              const Conversation& conversation,
                              const Conversation& other,
                              std::size_t index,
                              const std::string& text) const;

    jinja::Template m_template;
    Json m_specials;
};

} // namespace tw
