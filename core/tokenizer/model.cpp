// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/model.h"

#include "core/base/error.h"

#include <algorithm>
#include <cstring>
#include <functional>

namespace tw {

TokenModel::Scratch::Scratch()
    : m_slots(kSlots)
{
}

void TokenModel::encode(std::string_view piece, Scratch& scratch, std::vector<Token>& tokens) const
{
    if (piece.size() > Scratch::kKey) {
        encodeAnew(piece, scratch, tokens);
        return;
    }
    Scratch::Slot& slot = scratch.m_slots[std::hash<std::string_view> {}(piece) % Scratch::kSlots];
    if (slot.keyLength == piece.size()
        && std::memcmp(slot.key.data(), piece.data(), piece.size()) == 0) {
        tokens.insert(tokens.end(), slot.tokens.begin(), slot.tokens.begin() + slot.count);
        return;
    }
    const std::size_t first = tokens.size();
    encodeAnew(piece, scratch, tokens);
    const std::size_t count = tokens.size() - first;
    if (count > Scratch::kTokens)
        return;
    std::memcpy(slot.key.data(), piece.data(), piece.size());
    slot.keyLength = static_cast<std::uint8_t>(piece.size());
    std::copy(tokens.begin() + static_cast<std::ptrdiff_t>(first), tokens.end(),
              slot.tokens.begin());
    slot.count = static_cast<std::uint32_t>(count);
}

std::uint32_t TokenModel::needUnknown(std::string_view token) const
{
    if (const auto id = m_vocabulary.find(token))
        return *id;
    throw Error("A text holds what the tokenizer does not know, and its unknown token \""
                    + std::string(token.substr(0, 60)) + "\" is not in its vocabulary.",
                "Check that the tokenizer's files belong together, or leave that text out.");
}

std::array<std::uint32_t, 256> byteTokensOf(const Vocabulary& vocabulary)
{
    constexpr const char* kDigits = "0123456789ABCDEF";
    std::array<std::uint32_t, 256> tokens {};
    for (std::size_t byte = 0; byte < tokens.size(); ++byte)
        tokens[byte] =
            vocabulary.find(std::string("<0x") + kDigits[byte >> 4U] + kDigits[byte & 15U] + ">")
                .value_or(Vocabulary::kNone);
    return tokens;
}

} // namespace tw
