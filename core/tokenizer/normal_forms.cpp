// SPDX-License-Identifier: Apache-2.0
// Unicode's normal forms, as of the version that the reference's library knows: characters that are
// younger stay as they are.
#include "core/base/error.h"
#include "core/tokenizer/code_points.h"
#include "core/tokenizer/normalizer.h"

#include <algorithm>
#include <cstdlib>
#include <utf8proc.h>

namespace tw {
namespace {

constexpr int kUnicode = 9;

const utf8proc_uint8_t* bytesOf(std::string_view text)
{
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

bool isAsciiByte(char byte)
{
    return static_cast<unsigned char>(byte) < 0x80;
}

/// Ends of the user-perceived characters in chunk.
std::vector<std::size_t> graphemeEnds(std::string_view chunk)
{
    std::vector<std::size_t> ends;
    utf8proc_int32_t last = -1;
    utf8proc_int32_t state = 0;
    for (std::size_t at = 0; at < chunk.size();) {
        const std::size_t begin = at;
        const auto point = static_cast<utf8proc_int32_t>(nextPoint(chunk, at));
        if (last >= 0 && utf8proc_grapheme_break_stateful(last, point, &state))
            ends.push_back(begin);
        last = point;
    }
    ends.push_back(chunk.size());
    return ends;
}

class NormalFormNormalizer final : public Normalizer
{
public:
    explicit NormalFormNormalizer(NormalForm form)
    {
        const bool composes = form == NormalForm::Nfc || form == NormalForm::Nfkc;
        int options = UTF8PROC_STABLE | (composes ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE);
        if (form == NormalForm::Nfkc || form == NormalForm::Nfkd)
            options |= UTF8PROC_COMPAT;
        m_options = static_cast<utf8proc_option_t>(options);
    }

    void normalize(AlignedText& text) const override
    {
        if (isAsciiText(text.text()))
            return;
        Rewriter out(text);
        const std::string_view old = out.old();
        // An ASCII character never combines with what stands before it, so a chunk may begin at
        // each of them.
        for (std::size_t at = 0; at < old.size();) {
            std::size_t end = at + 1;
            while (end < old.size() && !isAsciiByte(old[end]))
                ++end;
            if (end == at + 1)
                out.keep(at, end);
            else
                putKnown(out, at, end);
            at = end;
        }
        out.finish();
    }

private:
    std::string formOf(std::string_view text) const
    {
        utf8proc_uint8_t* made = nullptr;
        const utf8proc_ssize_t length = utf8proc_map(
            bytesOf(text), static_cast<utf8proc_ssize_t>(text.size()), &made, m_options);
        const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(made, &std::free);
        if (length < 0)
            throw Error(std::string("A text cannot be normalised: ") + utf8proc_errmsg(length)
                            + ".",
                        "Leave that text out.");
        return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(length)};
    }

    /// A chunk, cut at the characters that are too young.
    void putKnown(Rewriter& out, std::size_t from, std::size_t to) const
    {
        const std::string_view old = out.old();
        std::size_t begin = from;
        for (std::size_t at = from; at < to;) {
            const std::size_t here = at;
            if (const char32_t point = nextPoint(old, at);
                point < 0x100 || isKnownSince(point, kUnicode))
                continue;
            putChunk(out, begin, here);
            out.keep(here, at);
            begin = at;
        }
        putChunk(out, begin, to);
    }

    /// As fine as characters go, or whole where they influence each other (Korean compatibility
    /// letters, say).
    void putChunk(Rewriter& out, std::size_t from, std::size_t to) const
    {
        if (from == to)
            return;
        const std::string_view chunk = std::string_view(out.old()).substr(from, to - from);
        const std::string whole = formOf(chunk);
        if (whole == chunk) {
            out.keep(from, to);
            return;
        }
        std::string fine;
        std::vector<std::size_t> ends; // in fine, one for each character
        const std::vector<std::size_t> oldEnds = graphemeEnds(chunk);
        std::size_t begin = 0;
        for (const std::size_t end : oldEnds) {
            fine += formOf(chunk.substr(begin, end - begin));
            ends.push_back(fine.size());
            begin = end;
        }
        if (fine != whole) {
            out.put(whole, from, to);
            return;
        }
        for (std::size_t i = 0; i < ends.size(); ++i) {
            const std::size_t done = i == 0 ? 0 : ends[i - 1];
            out.put(std::string_view(fine).substr(done, ends[i] - done),
                    from + (i == 0 ? 0 : oldEnds[i - 1]), from + oldEnds[i]);
        }
    }

    utf8proc_option_t m_options {};
};

} // namespace

NormalizerPtr makeNormalForm(NormalForm form)
{
    return std::make_unique<NormalFormNormalizer>(form);
}

} // namespace tw
