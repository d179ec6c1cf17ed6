// SPDX-License-Identifier: Apache-2.0
// SentencePiece's .model: what is accepted must be able to encode and decode a text.
#include "core/base/error.h"
#include "core/tokenizer/sentencepiece_model.h"

#include <cstdlib>

namespace {

constexpr std::string_view kText =
    "The caf\u00e9 costs 1,234.50!\r\n  <s> a\u0301 \u4f60\u597d \U0001f600 it's ab abba";

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        const tw::SentencePieceModel model(bytes, true, "input");
        std::vector<std::int64_t> ids;
        for (const auto& piece : model.encode(kText)) {
            if (piece.id < 0 || piece.id >= model.size() || piece.range.end > kText.size())
                std::abort();
            ids.push_back(piece.id);
        }
        model.decode(ids);
    } catch (const tw::Error&) { // refused, as it should be
    }
    return 0;
}
