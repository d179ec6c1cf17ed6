// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tw {

/// Throws Error where the texts of a tokenizer would have more than 1 GB: where they begin and how
/// long they are is kept in 32 bits.
void checkTexts(std::size_t bytes);

/// Texts and their ids, both ways. All texts stand in one string, so that a vocabulary takes little
/// more memory than the file that it comes from.
class Vocabulary
{
public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
    static constexpr std::uint32_t kMaxTokens =
        1'000'000; ///< ids stay below; the largest known has 262,144

    /// False where text is there already. id has to be below kMaxTokens. Of two texts with one id
    /// the first is what the id stands for.
    bool add(std::string_view text, std::uint32_t id);
    /// As add, but of two ids of one text the later one is found; both stand for the text.
    void put(std::string_view text, std::uint32_t id);
    std::optional<std::uint32_t> find(std::string_view text) const;
    /// Empty where the id is not used.
    std::string_view text(std::uint32_t id) const;
    /// Calls visit(text, id) for each text.
    template <typename Visit>
    void forEach(Visit visit) const
    {
        for (const Entry& entry : m_entries)
            visit(view(entry), entry.id);
    }
    bool has(std::uint32_t id) const { return id < m_entryOf.size() && m_entryOf[id] != kNone; }
    std::size_t size() const { return m_entries.size(); }
    std::uint32_t endId() const
    {
        return static_cast<std::uint32_t>(m_entryOf.size());
    } ///< highest id + 1

private:
    struct Entry
    {
        std::uint32_t begin = 0;
        std::uint32_t length = 0;
        std::uint32_t id = 0;
    };
    std::string_view view(const Entry& entry) const;
    std::uint32_t append(std::string_view text, std::uint32_t id);
    std::size_t slotFor(std::string_view text) const;
    void grow();

    std::string m_texts;
    std::vector<Entry> m_entries;
    std::vector<std::uint32_t> m_entryOf; ///< by id
    std::vector<std::uint32_t> m_slots; ///< open addressing: index of an entry or kNone
};

} // namespace tw
