// SPDX-License-Identifier: Apache-2.0
// Filters that make or take away markup.

#include "core/base/oniguruma.h"
#include "core/base/text.h"
#include "core/jinja/filter_table.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"
#include "core/jinja/text_split.h"
#include "core/jinja/unicode.h"

#include <charconv>

namespace tw::jinja {
namespace {

Value xmlAttributes(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("xmlattr", arguments, {"autospace"});
    if (subject.dict() == nullptr)
        throw Failure("xmlattr needs a mapping, not '" + subject.typeName() + "'");
    std::string out;
    for (const auto& [key, value] : subject.dict()->entries()) {
        if (value.isNone() || value.isUndefined())
            continue;
        if (!key.isText() || key.text()->find_first_of(" \t\n\f\v\r/>=") != std::string::npos)
            throw Failure("a name of an attribute is no text, or has a blank, /, > or = in it");
        out += (out.empty() ? "" : " ") + escapeHtml(*key.text()) + "=\""
            + (value.isMarkup() ? *value.text() : escapeHtml(toText(runtime, value))) + "\"";
        Runtime::limitText(out.size());
    }
    const bool withSpace = bound[0] == nullptr || bound.flag(0);
    return withSpace && !out.empty() ? " " + out : out;
}

/// The text without comments and tags; what is never closed stays.
std::string withoutTags(std::string_view text)
{
    std::string out;
    std::size_t at = 0;
    for (std::size_t start = text.find('<'); start != std::string_view::npos;
         start = text.find('<', at)) {
        const bool isComment = text.substr(start).starts_with("<!--");
        const std::string_view close = isComment ? "-->" : ">";
        const std::size_t end = text.find(close, isComment ? start + 4 : start);
        if (end == std::string_view::npos)
            break;
        out += text.substr(at, start - at);
        at = end + close.size();
    }
    return out + std::string(text.substr(at));
}

/// The character that "#38", "#x26" or "amp" stands for; of the named ones those of XML and the
/// commonest of HTML.
std::optional<std::string> entity(std::string_view name)
{
    static constexpr std::array<std::pair<std::string_view, const char*>, 16> kNames {
        {{"amp", "&"},
         {"lt", "<"},
         {"gt", ">"},
         {"quot", "\""},
         {"apos", "'"},
         {"nbsp", "\u00A0"},
         {"copy", "\u00A9"},
         {"reg", "\u00AE"},
         {"laquo", "\u00AB"},
         {"raquo", "\u00BB"},
         {"ndash", "\u2013"},
         {"mdash", "\u2014"},
         {"hellip", "\u2026"},
         {"euro", "\u20AC"},
         {"times", "\u00D7"},
         {"middot", "\u00B7"}}};
    for (const auto& [known, character] : kNames) {
        if (name == known)
            return character;
    }
    if (!name.starts_with('#'))
        return std::nullopt;
    name.remove_prefix(1);
    const bool isHex = name.starts_with('x') || name.starts_with('X');
    if (isHex)
        name.remove_prefix(1);
    std::uint32_t code = 0;
    const auto [end, error] =
        std::from_chars(name.data(), name.data() + name.size(), code, isHex ? 16 : 10);
    if (error != std::errc {} || end != name.data() + name.size() || code == 0 || code > 0x10FFFF
        || (code >= 0xD800 && code < 0xE000))
        return std::nullopt;
    return toUtf8(std::u32string(1, static_cast<char32_t>(code)));
}

std::string withoutEntities(std::string_view text)
{
    constexpr std::size_t kLongest = 32; // of a name
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t end = text[i] == '&' ? text.find(';', i) : std::string_view::npos;
        const auto character = end == std::string_view::npos || end - i > kLongest
            ? std::nullopt
            : entity(text.substr(i + 1, end - i - 1));
        if (character)
            i = end;
        out += character ? *character : std::string(1, text[i]);
    }
    return out;
}

Value stripTags(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("striptags", arguments, {});
    const std::string text = toText(runtime, subject);
    runtime.checkText(text.size());
    std::string words;
    const Value split = splitBlanks(withoutTags(text), -1);
    for (const Value& word : split.list()->items)
        words += (words.empty() ? "" : " ") + *word.text();
    return Value::markup(withoutEntities(words));
}

/// Where the pattern matches first, or {npos, npos}.
std::pair<std::size_t, std::size_t> searched(const CompiledPattern& pattern, std::string_view text)
{
    const std::unique_ptr<OnigRegion, OnigurumaDeleter> region(onig_region_new());
    const OnigUChar* start = onigurumaBytes(text);
    const OnigUChar* end = start + text.size();
    const int found = onig_search(pattern.get(), start, end, start, end, region.get(), 0);
    if (found < 0)
        return {std::string::npos, std::string::npos};
    return {static_cast<std::size_t>(region->beg[0]), static_cast<std::size_t>(region->end[0])};
}

CompiledPattern compiled(const std::string& pattern)
{
    return compilePattern(pattern, ONIG_SYNTAX_RUBY, "This is a mistake of ours.");
}

/// What the filter takes for an address: with a scheme or "www.", a domain of the old kinds, or an
/// IP address behind a scheme. (Jinja 3.1, urlize.)
bool isWebAddress(std::string_view word)
{
    static const std::string behind =
        R"((?::\d{1,5})?(?:[/?#]\S*)?\n?\z)"; // port, path and the rest
    static const std::array patterns {
        compiled(R"(\A(?i:https?://|www\.)(?:[\w%-]+\.)*(?i:[a-z]{2,}|xn--[\w%]{2,}))" + behind),
        compiled(R"(\A(?:[\w%-]{2,}\.)+(?i:com|net|int|edu|gov|org|info|mil))" + behind),
        compiled(R"(\A(?i:https?://)\d{1,3}(?:\.\d{1,3}){3})" + behind),
        compiled(R"(\A(?i:https?://)\[(?:\h{0,4}:){2}(?:\h{0,4}:?){1,6}\])" + behind)};
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const auto& pattern) { return searched(pattern, word).first == 0; });
}

bool isMailAddress(std::string_view word)
{
    static const CompiledPattern pattern = compiled(R"(\A\S+@\w[\w.-]*\.\w+\n?\z)");
    return searched(pattern, word).first == 0;
}

std::size_t countOf(std::string_view text, std::string_view part)
{
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos;
         at = text.find(part, at + part.size()))
        ++count;
    return count;
}

/// A word without the brackets and full stops around it.
struct BareWord
{
    explicit BareWord(const std::string& word)
        : middle(word)
    {
        static const CompiledPattern opening = compiled(R"(\A(?:[(<]|&lt;)+)");
        static const CompiledPattern closing = compiled(R"((?:[)>.,\n]|&gt;)+\z)");
        const std::size_t start = searched(opening, middle).second;
        if (start != std::string::npos) {
            head = middle.substr(0, start);
            middle.erase(0, start);
        }
        const std::size_t end = searched(closing, middle).first;
        if (end != std::string::npos) {
            tail = middle.substr(end);
            middle.resize(end);
        }
        // Closing brackets belong to the word where it has opened them.
        for (const auto& [open, close] :
             {std::pair<std::string, std::string> {"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}}) {
            const std::size_t opened = countOf(middle, open);
            if (opened <= countOf(middle, close))
                continue;
            for (std::size_t moves = std::min(opened, countOf(tail, close)); moves > 0; --moves) {
                const std::size_t length = tail.find(close) + close.size();
                middle += tail.substr(0, length);
                tail.erase(0, length);
            }
        }
    }
    std::string head;
    std::string middle;
    std::string tail;
};

struct LinkStyle
{
    std::int64_t longest = -1; ///< code points that are shown; -1: all
    std::string attributes;
    std::vector<std::string> schemes;

    std::string shown(const std::string& address) const
    {
        const std::u32string points = toCodePoints(address);
        if (longest < 0 || static_cast<std::int64_t>(points.size()) <= longest)
            return address;
        return toUtf8(points.substr(0, static_cast<std::size_t>(longest))) + "...";
    }
};

std::string linked(const std::string& word, const LinkStyle& style)
{
    if (isWebAddress(word)) {
        const bool hasScheme = word.starts_with("https://") || word.starts_with("http://");
        return "<a href=\"" + std::string(hasScheme ? "" : "https://") + word + "\""
            + style.attributes + ">" + style.shown(word) + "</a>";
    }
    if (word.starts_with("mailto:") && isMailAddress(word.substr(7)))
        return "<a href=\"" + word + "\">" + word.substr(7) + "</a>";
    if (word.find('@') != std::string::npos && !word.starts_with("www.") && word[0] != '@'
        && word.find(':') == std::string::npos && isMailAddress(word))
        return "<a href=\"mailto:" + word + "\">" + word + "</a>";
    std::string out = word;
    for (const std::string& scheme : style.schemes) {
        if (out != scheme && out.starts_with(scheme))
            out = "<a href=\"" + out + "\"" + style.attributes + ">" + out + "</a>";
    }
    return out;
}

LinkStyle linkStyle(Runtime& runtime, const Bound& bound)
{
    LinkStyle style;
    if (bound[0] != nullptr && !bound[0]->isNone())
        style.longest = std::max<std::int64_t>(0, bound.whole(0, 0));
    std::vector<std::string> relations {"noopener"}; // Jinja's policy
    if (bound.flag(1))
        relations.emplace_back("nofollow");
    if (bound[3] != nullptr && isTrue(*bound[3])) {
        const Value words = splitBlanks(bound.text(3, {}), -1);
        for (const Value& word : words.list()->items)
            relations.push_back(*word.text());
    }
    std::sort(relations.begin(), relations.end());
    relations.erase(std::unique(relations.begin(), relations.end()), relations.end());
    style.attributes = " rel=\"" + escapeHtml(join(relations, " ")) + "\"";
    if (bound[2] != nullptr && isTrue(*bound[2]))
        style.attributes += " target=\"" + escapeHtml(bound.text(2, {})) + "\"";
    if (bound[4] != nullptr && !bound[4]->isNone()) {
        for (const Value& scheme : toVector(runtime, *bound[4]))
            style.schemes.push_back(toText(runtime, scheme));
    }
    return style;
}

Value urlize(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("urlize", arguments,
                      {"trim_url_limit", "nofollow", "target", "rel", "extra_schemes"});
    const LinkStyle style = linkStyle(runtime, bound);
    const std::string text =
        subject.isMarkup() ? *subject.text() : escapeHtml(toText(runtime, subject));
    runtime.step(text.size() / 16); // every word is looked at by several expressions
    std::string out;
    std::string word;
    const auto flush = [&] {
        if (!word.empty()) {
            const BareWord bare(word);
            out += bare.head + (bare.middle.empty() ? "" : linked(bare.middle, style)) + bare.tail;
        }
        word.clear();
        Runtime::limitText(out.size());
    };
    for (const char32_t c : toCodePoints(text)) {
        if (!isSpace(c)) {
            appendUtf8(word, c);
            continue;
        }
        flush();
        appendUtf8(out, c);
    }
    flush();
    return out;
}

constexpr std::array kFilters {
    NamedFunction<Filter> {"xmlattr", xmlAttributes},
    NamedFunction<Filter> {"striptags", stripTags},
    NamedFunction<Filter> {"urlize", urlize},
};

} // namespace

Filter findMarkupFilter(std::string_view name)
{
    return findIn(kFilters, name);
}

} // namespace tw::jinja
