// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/bpe.h"

#include "core/base/error.h"
#include "core/tokenizer/byte_level.h"
#include "core/tokenizer/code_points.h"

#include <algorithm>
#include <bit>

namespace tw {
namespace {

constexpr std::size_t kScanned =
    24; // up to here looking through all pairs each time beats keeping a heap
constexpr const char* kHint = "Vocabulary and merges are not of one tokenizer: download it again.";

std::uint64_t pairOf(std::uint32_t left, std::uint32_t right)
{
    return std::uint64_t {left} << 32U | right;
}

} // namespace

void MergeList::add(std::string_view left, std::string_view right)
{
    add(left, right, static_cast<std::uint32_t>(m_pairs.size()));
}

void MergeList::add(std::string_view left, std::string_view right, std::uint32_t rank)
{
    checkTexts(m_texts.size() + left.size() + right.size());
    m_texts += left;
    m_texts += right;
    m_pairs.push_back(
        {static_cast<std::uint32_t>(left.size()), static_cast<std::uint32_t>(right.size()), rank});
}

struct Bpe::Symbol
{
    std::uint32_t id = 0;
    std::uint32_t length = 0;
    std::int32_t previous = -1;
    std::int32_t next = -1;
};

struct Bpe::Work : TokenModel::Scratch
{
    struct Candidate
    {
        std::uint32_t rank = 0;
        std::int32_t at = 0;
        std::uint32_t merged = 0;
        bool operator<(
            const Candidate& other) const // the heap's top is the lowest rank, then the leftmost
        {
            return rank != other.rank ? rank > other.rank : at > other.at;
        }
    };
    std::vector<Symbol> symbols;
    std::vector<Candidate> heap;
    std::vector<std::uint32_t> ranks;
};

/// Writes symbols; an unknown token waits until it is clear how much it covers.
class Bpe::SymbolWriter
{
public:
    SymbolWriter(const Bpe& bpe, std::vector<Symbol>& symbols)
        : m_bpe(bpe)
        , m_symbols(symbols)
    {
        symbols.clear();
    }
    void known(std::uint32_t id, std::uint32_t length)
    {
        flush();
        m_symbols.push_back({id, length, 0, 0});
    }
    /// One of several tokens that stand for bytes: a waiting unknown token goes behind these, as in
    /// the reference.
    void byte(std::uint32_t id, std::uint32_t length) { m_symbols.push_back({id, length, 0, 0}); }
    void unknown(std::uint32_t length)
    {
        if (m_bpe.m_unknown == Vocabulary::kNone)
            return;
        if (!m_bpe.m_options.fusesUnknown)
            flush();
        m_waiting += length;
    }
    void finish()
    {
        flush();
        for (std::size_t i = 0; i < m_symbols.size(); ++i) {
            m_symbols[i].previous = static_cast<std::int32_t>(i) - 1;
            m_symbols[i].next = i + 1 < m_symbols.size() ? static_cast<std::int32_t>(i) + 1 : -1;
        }
    }

private:
    void flush()
    {
        if (m_waiting > 0)
            m_symbols.push_back({m_bpe.m_unknown, m_waiting, 0, 0});
        m_waiting = 0;
    }

    const Bpe& m_bpe;
    std::vector<Symbol>& m_symbols;
    std::uint32_t m_waiting = 0; ///< bytes of an unknown token that is still to be written
};

Bpe::Bpe(Vocabulary vocabulary,
         const MergeList& merges,
         BpeOptions options,
         const std::string& where)
    : TokenModel(std::move(vocabulary))
    , m_options(std::move(options))
{
    readMerges(merges, where);
    if (!m_options.unknown.empty()) {
        const auto unknown = this->vocabulary().find(m_options.unknown);
        if (!unknown)
            throw Error(where + ": the unknown token \"" + m_options.unknown.substr(0, 60)
                            + "\" is not in the vocabulary.",
                        kHint);
        m_unknown = *unknown;
    }
    m_fallback = byteTokensOf(this->vocabulary());
    for (std::size_t point = 0; point < m_asciiToken.size(); ++point) {
        const char byte = static_cast<char>(point);
        m_asciiToken[point] = this->vocabulary().find({&byte, 1}).value_or(Vocabulary::kNone);
    }
    if (m_options.isByteLevel)
        findByteTokens();
}

void Bpe::readMerges(const MergeList& merges, const std::string& where)
{
    m_merges.resize(std::bit_ceil(2 * merges.size() + 2));
    m_mergeShift = 64U - static_cast<unsigned>(std::countr_zero(m_merges.size()));
    std::string joined;
    merges.forEach([&](std::uint32_t rank, std::string_view left, std::string_view right) {
        joined.assign(left);
        joined += right.substr(std::min(m_options.prefix.size(), right.size()));
        const auto leftId = vocabulary().find(left);
        const auto rightId = vocabulary().find(right);
        const auto merged = vocabulary().find(joined);
        if (!leftId || !rightId || !merged)
            throw Error(where + ": merge " + std::to_string(rank + 1) + " (\""
                            + std::string(left.substr(0, 60)) + "\" and \""
                            + std::string(right.substr(0, 60))
                            + "\") is about a token that is not in the vocabulary.",
                        kHint);
        addMerge(pairOf(*leftId, *rightId), rank, *merged);
    });
}

void Bpe::findByteTokens()
{
    for (std::size_t byte = 0; byte < 256; ++byte) {
        const char raw = static_cast<char>(byte);
        const std::string spelled = byteLevelText({&raw, 1});
        auto& tokens = m_byteTokens[byte];
        if (const auto id = vocabulary().find(spelled)) {
            tokens.push_back(*id);
        } else if (m_options.hasByteFallback) {
            // The reference falls back on the bytes of the spelling, not on the byte itself.
            for (const char part : spelled) {
                const std::uint32_t token = m_fallback[static_cast<unsigned char>(part)];
                if (token == Vocabulary::kNone) {
                    tokens.clear();
                    break;
                }
                tokens.push_back(token);
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

void Bpe::bytesToSymbols(std::string_view piece, std::vector<Symbol>& symbols) const
{
    SymbolWriter writer(*this, symbols);
    for (const char byte : piece) {
        const auto value = static_cast<unsigned char>(byte);
        const auto& tokens = m_byteTokens[value];
        if (m_byteToken[value] != Vocabulary::kNone)
            writer.known(m_byteToken[value], 1);
        else if (tokens.empty())
            writer.unknown(1);
        else
            for (std::size_t i = 0; i < tokens.size(); ++i)
                writer.byte(tokens[i], i == 0 ? 1U : 0U);
    }
    writer.finish();
}

std::optional<std::uint32_t> Bpe::affixed(std::string_view point, bool isFirst, bool isLast) const
{
    const bool isPlain =
        (isFirst || m_options.prefix.empty()) && (!isLast || m_options.suffix.empty());
    if (isPlain && point.size() == 1) {
        const std::uint32_t id = m_asciiToken[static_cast<unsigned char>(point.front())];
        return id == Vocabulary::kNone ? std::nullopt : std::optional(id);
    }
    if (isPlain)
        return vocabulary().find(point);
    return vocabulary().find((isFirst ? "" : m_options.prefix) + std::string(point)
                             + (isLast ? m_options.suffix : ""));
}

void Bpe::pointsToSymbols(std::string_view piece, std::vector<Symbol>& symbols) const
{
    SymbolWriter writer(*this, symbols);
    for (std::size_t at = 0; at < piece.size();) {
        const std::size_t length = pointLength(piece[at]);
        const std::string_view point = piece.substr(at, length);
        const bool isFirst = at == 0;
        at += length;
        const bool isLast = at == piece.size();
        if (const auto id = affixed(point, isFirst, isLast)) {
            writer.known(*id, static_cast<std::uint32_t>(length));
            continue;
        }
        // The affixes fall back on bytes with it, and cover nothing of the piece.
        const std::string spelled = (isFirst ? "" : m_options.prefix) + std::string(point)
            + (isLast ? m_options.suffix : "");
        const auto tokenOf = [&](char byte) {
            return m_fallback[static_cast<unsigned char>(byte)];
        };
        const bool fallsBack = m_options.hasByteFallback
            && std::all_of(spelled.begin(), spelled.end(),
                           [&](char byte) { return tokenOf(byte) != Vocabulary::kNone; });
        if (!fallsBack) {
            writer.unknown(static_cast<std::uint32_t>(length));
            continue;
        }
        for (std::size_t i = 0; i < spelled.size(); ++i)
            writer.byte(tokenOf(spelled[i]), i < length ? 1U : 0U);
    }
    writer.finish();
}

void Bpe::join(std::vector<Symbol>& symbols, std::int32_t at, std::uint32_t merged)
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

void Bpe::mergeByScan(Work& work) const
{
    // m_ranks[i]: rank of (symbol i, its right neighbour). The symbols are kept side by side, as
    // there are few.
    auto& symbols = work.symbols;
    auto& ranks = work.ranks;
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

void Bpe::mergeByHeap(Work& work) const
{
    auto& symbols = work.symbols;
    auto& heap = work.heap;
    const auto symbol = [&](std::int32_t i) -> Symbol& {
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
        const Work::Candidate top = heap.back();
        heap.pop_back();
        const Symbol& left = symbol(top.at);
        if (left.id == Vocabulary::kNone || left.next < 0)
            continue; // it went into another one meanwhile
        const Merge& merge = mergeOf(left.id, symbol(left.next).id);
        if (merge.rank != top.rank || merge.merged != top.merged)
            continue; // its neighbour did
        join(symbols, top.at, top.merged);
        consider(left.previous);
        consider(top.at);
    }
    std::erase_if(symbols, [](const Symbol& s) { return s.id == Vocabulary::kNone; });
}

std::unique_ptr<TokenModel::Scratch> Bpe::makeScratch() const
{
    return std::make_unique<Work>();
}

void Bpe::encodeAnew(std::string_view piece, Scratch& scratch, std::vector<Token>& tokens) const
{
    if (m_options.ignoresMerges) {
        const auto whole =
            vocabulary().find(m_options.isByteLevel ? byteLevelText(piece) : std::string(piece));
        if (whole) {
            tokens.push_back({*whole, static_cast<std::uint32_t>(piece.size())});
            return;
        }
    }
    auto& work = static_cast<Work&>(scratch);
    if (m_options.isByteLevel)
        bytesToSymbols(piece, work.symbols);
    else
        pointsToSymbols(piece, work.symbols);
    if (work.symbols.size() <= kScanned)
        mergeByScan(work);
    else
        mergeByHeap(work);
    for (const Symbol& symbol : work.symbols)
        tokens.push_back({symbol.id, symbol.length});
}

} // namespace tw
