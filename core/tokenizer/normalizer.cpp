// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/normalizer.h"

#include "core/base/error.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utf8proc.h>

namespace tw {
namespace {

utf8proc_option_t optionsOf(NormalForm form)
{
    int options = UTF8PROC_STABLE;
    options |=
        form == NormalForm::Nfc || form == NormalForm::Nfkc ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
    if (form == NormalForm::Nfkc || form == NormalForm::Nfkd)
        options |= UTF8PROC_COMPAT;
    return static_cast<utf8proc_option_t>(options);
}

std::string formOf(std::string_view text, const std::vector<NormalForm>& forms)
{
    std::string current(text);
    for (const NormalForm form : forms) {
        utf8proc_uint8_t* out = nullptr;
        const utf8proc_ssize_t length =
            utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(current.data()),
                         static_cast<utf8proc_ssize_t>(current.size()), &out, optionsOf(form));
        const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
        if (length < 0)
            throw Error(std::string("A text cannot be normalised: ") + utf8proc_errmsg(length)
                            + ".",
                        "Leave that text out.");
        current.assign(reinterpret_cast<const char*>(out), static_cast<std::size_t>(length));
    }
    return current;
}

bool isAscii(char byte)
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
        utf8proc_int32_t point = 0;
        const auto length =
            utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(chunk.data()) + at,
                             static_cast<utf8proc_ssize_t>(chunk.size() - at), &point);
        if (last >= 0 && utf8proc_grapheme_break_stateful(last, point, &state))
            ends.push_back(at);
        last = point;
        at += static_cast<std::size_t>(length);
    }
    ends.push_back(chunk.size());
    return ends;
}

void append(NormalizedText& out, std::string_view text, std::size_t begin, std::size_t end)
{
    out.text += text;
    out.origin.insert(out.origin.end(), text.size(), {begin, end});
}

/// One chunk: as fine as characters go, or whole where they influence each other (Korean
/// compatibility letters, say).
void appendChunk(NormalizedText& out,
                 std::string_view chunk,
                 std::size_t at,
                 const std::vector<NormalForm>& forms)
{
    const std::string whole = formOf(chunk, forms);
    if (whole == chunk) {
        for (std::size_t i = 0; i < chunk.size(); ++i)
            out.origin.emplace_back(at + i, at + i + 1);
        out.text += chunk;
        return;
    }
    NormalizedText fine;
    std::size_t begin = 0;
    for (const std::size_t end : graphemeEnds(chunk)) {
        append(fine, formOf(chunk.substr(begin, end - begin), forms), at + begin, at + end);
        begin = end;
    }
    if (fine.text != whole) {
        append(out, whole, at, at + chunk.size());
        return;
    }
    out.text += fine.text;
    out.origin.insert(out.origin.end(), fine.origin.begin(), fine.origin.end());
}

} // namespace

NormalizedText normalized(std::string_view text, const std::vector<NormalForm>& forms)
{
    if (forms.empty() || std::all_of(text.begin(), text.end(), isAscii))
        return {std::string(text), {}};
    NormalizedText out;
    out.text.reserve(text.size());
    out.origin.reserve(text.size());
    // An ASCII character never combines with what stands before it, so a chunk may begin at each of
    // them.
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        while (end < text.size() && !isAscii(text[end]))
            ++end;
        appendChunk(out, text.substr(at, end - at), at, forms);
        at = end;
    }
    return out;
}

} // namespace tw
