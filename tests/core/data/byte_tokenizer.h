// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/layout.h"

#include <array>

namespace tw {

constexpr std::array<std::string_view, 5> kByteSpecials {"<s>", "</s>", "<|im_start|>",
                                                         "<|im_end|>", "[/INST]"};
constexpr std::int64_t kBytes = 256;

/// One token per byte, and special tokens that are found in the text: masks can be read letter by
/// letter.
class ByteTokenizer final : public Tokenizer
{
public:
    Encoding encode(std::string_view text, bool addSpecial) const override
    {
        Encoding encoding;
        if (addSpecial)
            put(encoding, kBytes, {0, 0});
        for (std::size_t at = 0; at < text.size();) {
            const std::int64_t special = specialAt(text.substr(at));
            const std::size_t length =
                special < 0 ? 1 : kByteSpecials[static_cast<std::size_t>(special)].size();
            put(encoding, special < 0 ? static_cast<unsigned char>(text[at]) : kBytes + special,
                {at, at + length});
            at += length;
        }
        return encoding;
    }
    std::string decode(const std::vector<std::int64_t>& ids, bool) const override
    {
        std::string text;
        for (const std::int64_t id : ids)
            text += tokenBytes(id);
        return text;
    }
    std::string tokenBytes(std::int64_t id) const override
    {
        if (id < kBytes)
            return std::string(1, static_cast<char>(id));
        return std::string(kByteSpecials.at(static_cast<std::size_t>(id - kBytes)));
    }
    std::string tokenText(std::int64_t id) const override { return tokenBytes(id); }
    std::optional<std::int64_t> idOf(std::string_view) const override { return std::nullopt; }
    bool isSpecial(std::int64_t id) const override { return id >= kBytes; }
    std::int64_t vocabularySize() const override
    {
        return kBytes + static_cast<std::int64_t>(kByteSpecials.size());
    }
    SpecialTokens specialTokens() const override
    {
        return {kBytes, kBytes + 1, std::nullopt, std::nullopt};
    }
    std::string description() const override { return "bytes"; }

private:
    static std::int64_t specialAt(std::string_view text)
    {
        for (std::size_t i = 0; i < kByteSpecials.size(); ++i) {
            if (text.starts_with(kByteSpecials[i]))
                return static_cast<std::int64_t>(i);
        }
        return -1;
    }
    static void put(Encoding& encoding, std::int64_t id, std::pair<std::size_t, std::size_t> span)
    {
        encoding.ids.push_back(id);
        encoding.spans.push_back(span);
    }
};

/// "template{prompt}[answer]": what each token is there for; a star behind the bracket where it is
/// not trained.
inline std::string drawn(const TokenizedRow& row)
{
    const ByteTokenizer tokenizer;
    static constexpr std::array<const char*, 3> kOpen {"", "{", "["};
    static constexpr std::array<const char*, 3> kClose {"", "}", "]"};
    std::string out;
    std::size_t kind = 0;
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        const auto next = static_cast<std::size_t>(row.kinds[i]);
        if (next != kind)
            out += std::string(kClose[kind]) + kOpen[next];
        kind = next;
        out += tokenizer.tokenBytes(row.ids[i]);
    }
    return out + kClose[kind];
}

} // namespace tw
