// SPDX-License-Identifier: Apache-2.0
// SentencePiece's precompiled charsmap, read as Hugging Face's spm_precompiled does, which replaces
// a whole character by what its shortest prefix leads to.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/code_points.h"
#include "core/tokenizer/double_array.h"
#include "core/tokenizer/normalizer.h"

#include <algorithm>
#include <optional>
#include <utf8proc.h>

namespace tw {
namespace {

constexpr std::size_t kLongestLooked = 6; // bytes; longer graphemes are looked at point by point

[[noreturn]] void fail(const std::string& what)
{
    throw Error(what); // whoever knows the place adds it
}

class Precompiled final : public Normalizer
{
public:
    explicit Precompiled(std::string_view charsmap)
    {
        if (charsmap.empty())
            return; // rules of a model without any: the text stays as it is
        const auto map = charsmapOf(charsmap);
        if (!map)
            fail("says that its trie is longer than it is");
        m_texts = map->texts;
        if (!isUtf8(m_texts))
            fail("holds texts that are not UTF-8");
        m_units.reserve(map->units.size() / 4);
        for (std::size_t i = 0; i < map->units.size() / 4; ++i)
            m_units.push_back(unitAt(map->units, i));
        m_keepsAscii = !m_units.empty() && keepsAscii();
    }

    void normalize(AlignedText& text) const override
    {
        if (m_units.empty() || !changes(text.text()))
            return;
        Rewriter out(text);
        const std::string_view old = out.old();
        std::size_t begin = 0;
        utf8proc_int32_t state = 0;
        auto last = static_cast<utf8proc_int32_t>(pointAt(old, 0));
        for (std::size_t at = pointLength(old[0]);;) {
            const std::size_t here = at;
            const auto point =
                at < old.size() ? static_cast<utf8proc_int32_t>(nextPoint(old, at)) : 0;
            if (here == old.size() || utf8proc_grapheme_break_stateful(last, point, &state)) {
                putGrapheme(out, begin, here);
                begin = here;
            }
            if (here == old.size())
                break;
            last = point;
        }
        out.finish();
    }

private:
    /// What the shortest prefix of key leads to.
    std::optional<std::string_view> find(std::string_view key) const
    {
        std::size_t node = 0;
        std::uint32_t unit = m_units[0];
        node ^= offsetOf(unit);
        for (const char byte : key) {
            if (byte == 0)
                return std::nullopt;
            node ^= static_cast<unsigned char>(byte);
            if (node >= m_units.size())
                return std::nullopt;
            unit = m_units[node];
            if (labelOf(unit) != static_cast<unsigned char>(byte))
                return std::nullopt;
            node ^= offsetOf(unit);
            if (hasLeaf(unit)) {
                if (node >= m_units.size())
                    return std::nullopt;
                return textAt(valueOf(m_units[node]));
            }
        }
        return std::nullopt;
    }

    std::optional<std::string_view> textAt(std::size_t at) const
    {
        if (at >= m_texts.size() || (static_cast<unsigned char>(m_texts[at]) & 0xC0U) == 0x80U)
            return std::nullopt;
        const std::size_t end = m_texts.find('\0', at);
        return std::string_view(m_texts).substr(at, end == std::string::npos ? end : end - at);
    }

    /// Most texts stay as they are: then no new version is written.
    bool changes(std::string_view text) const
    {
        for (std::size_t at = 0; at < text.size(); at += pointLength(text[at])) {
            if (text[at] >= ' ' && text[at] < 0x7F && m_keepsAscii)
                continue;
            return true;
        }
        return false;
    }

    bool keepsAscii() const
    {
        for (char byte = ' '; byte < 0x7F; ++byte)
            if (find({&byte, 1}))
                return false;
        return true;
    }

    void putGrapheme(Rewriter& out, std::size_t begin, std::size_t end) const
    {
        const std::string_view old = out.old();
        if (end - begin < kLongestLooked) {
            if (const auto with = find(old.substr(begin, end - begin))) {
                put(out, *with, begin, end);
                return;
            }
        }
        for (std::size_t at = begin; at < end;) {
            const std::size_t next = at + pointLength(old[at]);
            if (const auto with = find(old.substr(at, next - at)))
                put(out, *with, at, next);
            else if (out.size() == 0 && at > 0)
                out.put(old.substr(at, next - at), 0,
                        next); // what was dropped before belongs to it
            else
                out.keep(at, next);
            at = next;
        }
    }

    /// The n-th character of `with` stands for the n-th of the old ones, all that are left over for
    /// the last of them: as Hugging Face's tokenizers count it.
    static void put(Rewriter& out, std::string_view with, std::size_t begin, std::size_t end)
    {
        std::size_t from = begin;
        for (std::size_t at = 0; at < with.size();) {
            const std::size_t next = std::min(at + pointLength(with[at]), with.size());
            const std::size_t to = std::min(from + pointLength(out.old()[from]), end);
            out.put(with.substr(at, next - at), out.size() == 0 ? 0 : from, to);
            from = to < end ? to : from;
            at = next;
        }
    }

    std::vector<std::uint32_t> m_units;
    std::string m_texts;
    bool m_keepsAscii = false;
};

} // namespace

NormalizerPtr makePrecompiled(std::string_view charsmap)
{
    return std::make_unique<Precompiled>(charsmap);
}

} // namespace tw
