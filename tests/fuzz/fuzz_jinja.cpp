// SPDX-License-Identifier: Apache-2.0
// Chat templates: whatever the source, rendering ends within its limits and gives well-formed text.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/jinja/template.h"

#include <cstdlib>

namespace {

constexpr const char* kVariables = R"({"messages": [{"role": "system", "content": "Sé brief."},
    {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image"}]},
    {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "function": {"name": "f", "arguments": {"a": [1, 2.5]}}}]}],
    "tools": [], "documents": null, "add_generation_prompt": true, "bos_token": "<s>", "l": [3, 1, 2], "n": -7, "f": 2.5})";

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    try {
        const tw::jinja::Template chat(std::string_view(reinterpret_cast<const char*>(data), size));
        const tw::jinja::Rendered result = chat.render(kVariables, "2025-02-09T07:05:03");
        for (const auto& [start, end] : result.generationSpans) {
            if (start > end)
                std::abort();
        }
        if (!tw::isUtf8(result.text))
            std::abort();
    } catch (const tw::Error&) { // refused, as it should be
    }
    return 0;
}
