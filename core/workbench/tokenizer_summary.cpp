// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/tokenizer_summary.h"

#include "core/tokenizer/tokenizer.h"

namespace tw {

TokenizerSummary summaryOfTokenizer(const std::string& path)
{
    const auto tokenizer = openTokenizer(path);
    TokenizerSummary summary {path, tokenizer->description(), tokenizer->vocabularySize(), {}};
    const auto add = [&](const char* name, const std::optional<std::int64_t>& id) {
        if (id)
            summary.special.push_back({name, *id, tokenizer->tokenText(*id)});
    };
    const SpecialTokens special = tokenizer->specialTokens();
    add("bos", special.bos);
    add("eos", special.eos);
    add("pad", special.pad);
    add("unk", special.unknown);
    return summary;
}

} // namespace tw
