// SPDX-License-Identifier: Apache-2.0
// tokenizer.json: what is accepted must be able to encode and decode a text.
#include "core/base/error.h"
#include "core/tokenizer/pipeline.h"

#include <cstdlib>

namespace {

constexpr const char* kText =
    "The caf\u00e9 costs 1,234.50!\r\n  <|im_start|> a\u0301 \u4f60\u597d \U0001f600 it's ab abba";

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string_view json(reinterpret_cast<const char*>(data), size);
    try {
        const auto tokenizer = tw::makeTokenizer(tw::readTokenizerJson(json, "input"), "input");
        const tw::Encoding encoding = tokenizer->encode(kText, true);
        if (encoding.ids.size() != encoding.spans.size())
            std::abort();
        for (const auto& [begin, end] : encoding.spans)
            if (begin > end || end > std::string_view(kText).size())
                std::abort();
        tokenizer->decode(encoding.ids, false);
        if (const tw::Encoding pair = tokenizer->encodePair(kText, "b", true);
            pair.ids.size() != pair.typeIds.size())
            std::abort();
    } catch (const tw::Error&) { // refused, as it should be
    }
    return 0;
}
