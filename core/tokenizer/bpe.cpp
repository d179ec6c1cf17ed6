// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/bpe.h"

#include "core/base/error.h"
#include "core/tokenizer/byte_level.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

namespace tw {
namespace {

constexpr std::size_t kScanned =
    24; // up to here looking through all pairs each time beats keeping a heap

std::uint64_t pairOf(std::uint32_t left, std::uint32_t right)
{
    return std::uint64_t {left} << 32U | right;
}

} // namespace

void MergeList::add(std::string_view left, std::string_view right)
{
    checkTexts(m_texts.size() + left.size() + right.size());
    m_texts += left;
    m_texts += right;
    m_lengths.emplace_back(static_cast<std::uint32_t>(left.size()),
                           static_cast<std::uint32_t>(right.size()));
}

Bpe::Scratch::Scratch()
    : m_slots(kSlots)
{
}

Bpe::Bpe(Vocabulary vocabulary,
         const MergeList& merges,
         BpeOptions options,
         const std::string& where)
    : m_vocabulary(std::move(vocabulary))
    , m_options(std::move(options))
{
    constexpr const char* kHint =
        "Vocabulary and merges are not of one tokenizer: download it again.";
    m_merges.resize(std::bit_ceil(2 * merges.size() + 2));
    m_mergeShift = 64U - static_cast<unsigned>(std::countr_zero(m_merges.size()));
    std::string joined;
    merges.forEach([&](std::size_t rank, std::string_view left, std::string_view right) {
        joined.assign(left);
        joined += right;
        const auto leftId = m_vocabulary.find(left);
        const auto rightId = m_vocabulary.find(right);
        const auto merged = m_vocabulary.find(joined);
        if (!leftId || !rightId || !merged)
            throw Error(where + ": merge " + std::to_string(rank + 1) + " (\""
                            + std::string(left.substr(0, 60)) + "\" and \""
                            + std::string(right.substr(0, 60))
                            + "\") is about a token that is not in the vocabulary.",
                        kHint);
        addMerge(pairOf(*leftId, *rightId), static_cast<std::uint32_t>(rank), *merged);
    });
    if (!m_options.unknown.empty()) {
        const auto unknown = m_vocabulary.find(m_options.unknown);
        if (!unknown)
            throw Error(where + ": the unknown token \"" + m_options.unknown.substr(0, 60)
                            + "\" is not in the vocabulary.",
                        kHint);
        m_unknown = *unknown;
    }
    findByteTokens();
}

void Bpe::findByteTokens()
{
    constexpr const char* kDigits = "0123456789ABCDEF";
    for (std::size_t byte = 0; byte < 256; ++byte) {
        const char raw = static_cast<char>(byte);
        const std::string spelled = byteLevelText({&raw, 1});
        auto& tokens = m_byteTokens[byte];
        if (const auto id = m_vocabulary.find(spelled)) {
            tokens.push_back(*id);
        } else if (m_options.hasByteFallback) {
            // The reference falls back on the bytes of the spelling, not on the byte itself.
            for (const char part : spelled) {
                const auto value = static_cast<unsigned char>(part);
                const auto code = m_vocabulary.find(std::string("<0x") + kDigits[value >> 4U]
                                                    + kDigits[value & 15U] + ">");
                if (!code) {
                    tokens.clear();
                    break;
                }
                tokens.push_back(*code);
            }
        }
        m_byteToken[byte] = tokens.size() == 1 ? tokens.front() : Vocabulary::kNone;
    }
}

void Bpe::addMerge(std::uint64_t pair, std::uint32_t rank, std::uint32_t merged)
{
    std::size_t slot = pair * 0x9E3779B97F4A7C15U >> m_mergeShift;
    while (m_merges[slot].rank != kNoMerge && m_merges[slot].pair != pair)
        slot = (slot + 1) & (m_merges.size() - 1);
    m_merges[slot] = {pair, rank,
                      merged}; // of two ranks for one pair the later counts, as in the reference
}

const Bpe::Merge& Bpe::mergeOf(std::uint32_t left, std::uint32_t right) const
{
    const std::uint64_t pair = pairOf(left, right);
    std::size_t slot = pair * 0x9E3779B97F4A7C15U
        >> m_mergeShift; // Fibonacci hashing: the high bits are the mixed ones
    while (m_merges[slot].rank != kNoMerge && m_merges[slot].pair != pair)
        slot = (slot + 1) & (m_merges.size() - 1);
    return m_merges[slot];
}

void Bpe::toSymbols(std::string_view piece, std::vector<Scratch::Symbol>& symbols) const
{
    symbols.clear();
    std::uint32_t unknownLength = 0; // of a token that is still to be written
    const auto flush = [&] {
        if (unknownLength > 0)
            symbols.push_back({m_unknown, unknownLength, 0, 0});
        unknownLength = 0;
    };
    for (const char byte : piece) {
        const auto value = static_cast<unsigned char>(byte);
        const auto& tokens = m_byteTokens[value];
        if (m_byteToken[value] != Vocabulary::kNone) {
            flush();
            symbols.push_back({m_byteToken[value], 1, 0, 0});
        } else if (!tokens.empty()) { // these do not flush: so does the reference
            for (std::size_t i = 0; i < tokens.size(); ++i)
                symbols.push_back({tokens[i], i == 0 ? 1U : 0U, 0, 0});
        } else if (m_unknown != Vocabulary::kNone) {
            if (!m_options.fusesUnknown)
                flush();
            ++unknownLength;
        }
    }
    flush();
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        symbols[i].previous = static_cast<std::int32_t>(i) - 1;
        symbols[i].next = i + 1 < symbols.size() ? static_cast<std::int32_t>(i) + 1 : -1;
    }
}

void Bpe::join(std::vector<Scratch::Symbol>& symbols, std::int32_t at, std::uint32_t merged)
{
    auto& left = symbols[static_cast<std::size_t>(at)];
    auto& right = symbols[static_cast<std::size_t>(left.next)];
    left.id = merged;
    left.length += right.length;
    left.next = right.next;
    right.id = Vocabulary::kNone;
    if (left.next >= 0)
        symbols[static_cast<std::size_t>(left.next)].previous = at;
}

void Bpe::mergeByScan(Scratch& scratch) const
{
    // m_ranks[i]: rank of (symbol i, its right neighbour). The symbols are kept side by side, as
    // there are few.
    auto& symbols = scratch.m_symbols;
    auto& ranks = scratch.m_ranks;
    ranks.assign(symbols.size(), kNoMerge);
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i)
        ranks[i] = mergeOf(symbols[i].id, symbols[i + 1].id).rank;
    while (symbols.size() > 1) {
        const auto lowest = std::min_element(ranks.begin(), ranks.end());
        if (*lowest == kNoMerge)
            return;
        const auto at = static_cast<std::size_t>(lowest - ranks.begin());
        symbols[at].id = mergeOf(symbols[at].id, symbols[at + 1].id).merged;
        symbols[at].length += symbols[at + 1].length;
        symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
        ranks.erase(lowest + 1);
        ranks[at] =
            at + 1 < symbols.size() ? mergeOf(symbols[at].id, symbols[at + 1].id).rank : kNoMerge;
        if (at > 0)
            ranks[at - 1] = mergeOf(symbols[at - 1].id, symbols[at].id).rank;
    }
}

void Bpe::mergeByHeap(Scratch& scratch) const
{
    auto& symbols = scratch.m_symbols;
    auto& heap = scratch.m_heap;
    const auto symbol = [&](std::int32_t i) -> Scratch::Symbol& {
        return symbols[static_cast<std::size_t>(i)];
    };
    const auto consider = [&](std::int32_t at) {
        if (at < 0 || symbol(at).next < 0)
            return;
        const Merge& merge = mergeOf(symbol(at).id, symbol(symbol(at).next).id);
        if (merge.rank == kNoMerge)
            return;
        heap.push_back({merge.rank, at, merge.merged});
        std::push_heap(heap.begin(), heap.end());
    };
    heap.clear();
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i)
        consider(static_cast<std::int32_t>(i));
    while (!heap.empty()) {
        std::pop_heap(heap.begin(), heap.end());
        const Scratch::Candidate top = heap.back();
        heap.pop_back();
        const Scratch::Symbol& left = symbol(top.at);
        if (left.id == Vocabulary::kNone || left.next < 0)
            continue; // it went into another one meanwhile
        const Merge& merge = mergeOf(left.id, symbol(left.next).id);
        if (merge.rank != top.rank || merge.merged != top.merged)
            continue; // its neighbour did
        join(symbols, top.at, top.merged);
        consider(left.previous);
        consider(top.at);
    }
    std::erase_if(symbols, [](const Scratch::Symbol& s) { return s.id == Vocabulary::kNone; });
}

void Bpe::encode(std::string_view piece, Scratch& scratch, std::vector<Token>& tokens) const
{
    const std::size_t hash = std::hash<std::string_view> {}(piece);
    Scratch::Slot& slot = scratch.m_slots[hash % Scratch::kSlots];
    const bool isShort = piece.size() <= Scratch::kKey;
    if (isShort && slot.keyLength == piece.size()
        && std::memcmp(slot.key.data(), piece.data(), piece.size()) == 0) {
        tokens.insert(tokens.end(), slot.tokens.begin(), slot.tokens.begin() + slot.count);
        return;
    }
    const std::size_t first = tokens.size();
    const auto whole =
        m_options.ignoresMerges ? m_vocabulary.find(byteLevelText(piece)) : std::nullopt;
    if (whole) {
        tokens.push_back({*whole, static_cast<std::uint32_t>(piece.size())});
    } else {
        toSymbols(piece, scratch.m_symbols);
        if (scratch.m_symbols.size() <= kScanned)
            mergeByScan(scratch);
        else
            mergeByHeap(scratch);
        for (const Scratch::Symbol& symbol : scratch.m_symbols)
            tokens.push_back({symbol.id, symbol.length});
    }
    const std::size_t count = tokens.size() - first;
    if (isShort && count <= Scratch::kTokens) {
        std::memcpy(slot.key.data(), piece.data(), piece.size());
        slot.keyLength = static_cast<std::uint8_t>(piece.size());
        std::copy(tokens.begin() + static_cast<std::ptrdiff_t>(first), tokens.end(),
                  slot.tokens.begin());
        slot.count = static_cast<std::uint32_t>(count);
    }
}

} // namespace tw
