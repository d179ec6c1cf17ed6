// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/conversation.h"

#include <functional>
#include <optional>

namespace tw {

/// A message as somebody else would have said it: other words, and no tool calls or thoughts.
Json withOtherWords(const Json& message);
/// A message that calls the same number of tools, under other names and with other arguments; for
/// templates that refuse tool answers without a call before them.
Json withOtherCalls(const Json& message);

/// The byte range in which `text` differs from `other`, at whole code points: what the change of a
/// message changed. Empty where they are equal.
std::pair<std::size_t, std::size_t> changedRange(const std::string& text, const std::string& other);

} // namespace tw
