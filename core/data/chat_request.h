// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/data/chat_templates.h"
#include "core/jinja/template.h"

namespace tw {

/// Renders a request: an object with "messages", and where wanted "tools", "documents",
/// "add_generation_prompt", "continue_final_message", "special_tokens", "kwargs", "now"
/// ("2025-02-09T07:05:03"), "chat_template" (a name among templates, or a source) and "template" (a
/// source; wins). Means what apply_chat_template of Transformers 4.57 means by these names.
/// specials: as specialTokensOf() gives them. Throws Error.
jinja::Rendered
renderChat(const ChatTemplates& templates, const Json& specials, const Json& request);

} // namespace tw
