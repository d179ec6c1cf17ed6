// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/post_processor.h"

namespace tw {

PostProcessor framedBy(const std::vector<std::int64_t>& before,
                       const std::vector<std::int64_t>& behind)
{
    PostProcessor processor {{}, {}};
    const auto add = [](Frame& frame, const std::vector<std::int64_t>& ids, std::int64_t typeId) {
        for (const std::int64_t id : ids)
            frame.parts.push_back({-1, id, typeId});
    };
    const auto addText = [&](Frame& frame, int text) {
        add(frame, before, text);
        frame.parts.push_back({text, 0, text});
        add(frame, behind, text);
    };
    addText(processor.single, 0);
    addText(processor.pair, 0);
    addText(processor.pair, 1);
    return processor;
}

} // namespace tw
