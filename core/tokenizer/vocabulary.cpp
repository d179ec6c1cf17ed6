// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/vocabulary.h"

#include "core/base/error.h"

#include <functional>

namespace tw {

void checkTexts(std::size_t bytes)
{
    constexpr std::size_t kMost = std::size_t {1} << 30U;
    if (bytes > kMost)
        throw Error("The tokens of this tokenizer have more than 1 GB of text; the largest known "
                    "have 33 MB.",
                    "Check whether this is the right file.");
}

std::string_view Vocabulary::view(const Entry& entry) const
{
    return std::string_view(m_texts).substr(entry.begin, entry.length);
}

std::size_t Vocabulary::slotFor(std::string_view text) const
{
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = std::hash<std::string_view> {}(text)&mask;
    while (m_slots[slot] != kNone && view(m_entries[m_slots[slot]]) != text)
        slot = (slot + 1) & mask;
    return slot;
}

void Vocabulary::grow()
{
    m_slots.assign(m_slots.empty() ? 1024 : m_slots.size() * 2, kNone);
    for (std::uint32_t i = 0; i < m_entries.size(); ++i)
        m_slots[slotFor(view(m_entries[i]))] = i;
}

std::uint32_t Vocabulary::append(std::string_view text, std::uint32_t id)
{
    checkTexts(m_texts.size() + text.size());
    const auto index = static_cast<std::uint32_t>(m_entries.size());
    m_entries.push_back(
        {static_cast<std::uint32_t>(m_texts.size()), static_cast<std::uint32_t>(text.size()), id});
    m_texts += text;
    if (id >= m_entryOf.size())
        m_entryOf.resize(id + std::size_t {1}, kNone);
    if (m_entryOf[id] == kNone)
        m_entryOf[id] = index;
    return index;
}

bool Vocabulary::add(std::string_view text, std::uint32_t id)
{
    if (2 * (m_entries.size() + 1) > m_slots.size())
        grow();
    const std::size_t slot = slotFor(text);
    if (m_slots[slot] != kNone)
        return false;
    m_slots[slot] = append(text, id);
    return true;
}

void Vocabulary::put(std::string_view text, std::uint32_t id)
{
    if (2 * (m_entries.size() + 1) > m_slots.size())
        grow();
    const std::size_t slot = slotFor(text);
    m_slots[slot] = append(text, id);
}

std::optional<std::uint32_t> Vocabulary::find(std::string_view text) const
{
    if (m_slots.empty())
        return std::nullopt;
    const std::uint32_t index = m_slots[slotFor(text)];
    return index == kNone ? std::nullopt : std::optional(m_entries[index].id);
}

std::string_view Vocabulary::text(std::uint32_t id) const
{
    return has(id) ? view(m_entries[m_entryOf[id]]) : std::string_view {};
}

} // namespace tw
