// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/data/row_cells.h"

namespace tw {

/// A row as a conversation: what chat templates get as `messages`, with "role" and "content" in
/// each.
struct Conversation
{
    Json messages = Json::array();
    Json tools; ///< null where the row brings none
    std::size_t firstAnswer =
        0; ///< messages before this one are the prompt: none of them is trained

    /// Of each message in the loss; empty: 1.
    std::vector<float> weights = {};

    std::string roleOf(std::size_t i) const;
    float weightOf(std::size_t i) const { return weights.empty() ? 1.0F : weights[i]; }
    /// True where a message asks for tools.
    bool callsTools(std::size_t i) const;
    /// The text of a message; content in parts gives their texts, joined.
    std::string textOf(std::size_t i) const;
};

/// Whether a cell is a list of messages, or an object that has one under "messages"; in ShareGPT's
/// words too.
bool holdsMessages(const std::string& cell);
/// Whether it is one that begins with the assistant: an answer to what stands elsewhere.
bool holdsReply(const std::string& cell);

/// The messages of such a cell, in the usual words. Throws Error.
Json messagesOf(const std::string& cell);

/// From a messages cell (also in ShareGPT's words: from, value, human, gpt), or from prompt and
/// answer, each a text or messages itself; an answer that begins with the person is the whole
/// conversation. `system` goes first where the row brings no system message of its own. Weights of
/// messages stand in them ("weight") or in a cell of their own. Throws Error where the cell holds
/// no conversation or no answer of the assistant.
Conversation conversationFrom(const RowCells& cells, const std::string& system);

} // namespace tw
