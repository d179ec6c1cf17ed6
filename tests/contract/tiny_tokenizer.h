// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/tokenizer/tokenizer.h"

#include <sstream>

namespace tw {

/// Words of a small vocabulary, parted by blanks: [PAD] [BOS] [EOS] [UNK] [MASK] are 0 to 4, then
/// come w5, w6 ..., and the last ids are <extra_id_0>, <extra_id_1> ... from the end downwards, as
/// in T5. Every third word goes on with the one before it: ##w6, ##w9 ...
class TinyTokenizer final : public Tokenizer
{
public:
    static constexpr std::int64_t kSpecials = 5;

    explicit TinyTokenizer(std::int64_t size, std::int64_t sentinels = 0)
        : m_size(size)
        , m_sentinels(sentinels)
    {
    }

    Encoding encode(std::string_view text, bool addSpecial) const override
    {
        Encoding encoding;
        std::istringstream words {std::string(text)};
        if (addSpecial)
            encoding.ids.push_back(1);
        for (std::string word; words >> word;)
            encoding.ids.push_back(idOf(word).value_or(3));
        return encoding;
    }
    std::string decode(const std::vector<std::int64_t>& ids, bool skipSpecial) const override
    {
        std::string text;
        for (const std::int64_t id : ids)
            if (!skipSpecial || !isSpecial(id))
                text += (text.empty() ? "" : " ") + tokenText(id);
        return text;
    }
    std::string tokenBytes(std::int64_t id) const override { return tokenText(id); }
    std::string tokenText(std::int64_t id) const override
    {
        static const std::vector<std::string> specials {"[PAD]", "[BOS]", "[EOS]", "[UNK]",
                                                        "[MASK]"};
        if (id < 0 || id >= m_size)
            throw Error("There is no token " + std::to_string(id) + ".");
        if (id < kSpecials)
            return specials[static_cast<std::size_t>(id)];
        if (id >= m_size - m_sentinels)
            return "<extra_id_" + std::to_string(m_size - 1 - id) + ">";
        return (id % 3 == 0 ? "##w" : "w") + std::to_string(id);
    }
    std::optional<std::int64_t> idOf(std::string_view token) const override
    {
        for (std::int64_t id = 0; id < m_size; ++id)
            if (tokenText(id) == token)
                return id;
        return std::nullopt;
    }
    bool isSpecial(std::int64_t id) const override
    {
        return id < kSpecials || id >= m_size - m_sentinels;
    }
    std::int64_t vocabularySize() const override { return m_size; }
    SpecialTokens specialTokens() const override { return {1, 2, 0, 3}; }
    std::string description() const override { return "words for tests"; }

private:
    std::int64_t m_size;
    std::int64_t m_sentinels;
};

} // namespace tw
