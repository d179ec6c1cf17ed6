// SPDX-License-Identifier: Apache-2.0
// Filters that break text into lines: wordwrap as Python's textwrap, pprint as its pprint.

#include "core/base/oniguruma.h"
#include "core/base/text.h"
#include "core/jinja/filter_table.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"
#include "core/jinja/text_split.h"
#include "core/jinja/unicode.h"

namespace tw::jinja {
namespace {

struct WrapStyle
{
    std::size_t width = 79;
    bool breaksWords = true;
    bool breaksHyphens = true;
};

/// Words, blanks, and the parts of hyphenated words and of dashes: where a line may end.
std::vector<std::u32string> pieces(const std::string& line, bool breaksHyphens)
{
    static constexpr const char* kHint = "This is a mistake of ours.";
    static const CompiledPattern blanks =
        compilePattern(R"([\t\n\x0b\x0c\r ]+)", ONIG_SYNTAX_RUBY, kHint);
    static const CompiledPattern words =
        compilePattern(R"([\t\n\x0b\x0c\r ]+|(?<=[\w!"'&.,?])-{2,}(?=\w)|[^\t\n\x0b\x0c\r ]+?(?:)"
                       R"(-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[\w!"'&.,?]-))(?=[^\d\W]-?[^\d\W]))"
                       R"(|(?=[\t\n\x0b\x0c\r ]|\z)|(?<=[\w!"'&.,?])(?=-{2,}\w)))",
                       ONIG_SYNTAX_RUBY, kHint);
    const CompiledPattern& pattern = breaksHyphens ? words : blanks;
    const std::unique_ptr<OnigRegion, OnigurumaDeleter> region(onig_region_new());
    const OnigUChar* start = onigurumaBytes(line);
    const OnigUChar* end = start + line.size();
    std::vector<std::u32string> out;
    const auto put = [&](std::size_t from, std::size_t to) {
        if (to > from)
            out.push_back(toCodePoints(line.substr(from, to - from)));
    };
    std::size_t at = 0;
    while (at < line.size()
           && onig_search(pattern.get(), start, end, start + at, end, region.get(), 0) >= 0
           && region->end[0] > region->beg[0]) {
        put(at, static_cast<std::size_t>(region->beg[0]));
        put(static_cast<std::size_t>(region->beg[0]), static_cast<std::size_t>(region->end[0]));
        at = static_cast<std::size_t>(region->end[0]);
    }
    put(at, line.size());
    return out;
}

bool isBlank(const std::u32string& text)
{
    return std::all_of(text.begin(), text.end(), isSpace);
}

/// Takes from a word that fits no line what fits this one.
std::u32string cutWord(std::u32string& word, std::size_t room, bool atHyphen)
{
    std::size_t end = std::min(room, word.size());
    if (atHyphen && word.size() > room) {
        const std::size_t hyphen = room == 0 ? std::u32string::npos : word.rfind(U'-', room - 1);
        if (hyphen != std::u32string::npos && hyphen > 0 && word.find_first_not_of(U'-') < hyphen)
            end = hyphen + 1;
    }
    const std::u32string head = word.substr(0, end);
    word.erase(0, end);
    return head;
}

std::vector<std::string> wrapped(const std::string& line, const WrapStyle& style)
{
    std::vector<std::u32string> rest = pieces(line, style.breaksHyphens);
    std::vector<std::string> lines;
    std::size_t next = 0;
    while (next < rest.size()) {
        if (!lines.empty() && isBlank(rest[next]) && ++next == rest.size())
            break;
        std::vector<std::u32string> taken;
        std::size_t length = 0;
        for (; next < rest.size() && length + rest[next].size() <= style.width; ++next) {
            length += rest[next].size();
            taken.push_back(rest[next]);
        }
        if (next < rest.size() && rest[next].size() > style.width) {
            if (style.breaksWords)
                taken.push_back(cutWord(rest[next], style.width - length, style.breaksHyphens));
            else if (taken.empty())
                taken.push_back(rest[next++]);
        }
        if (!taken.empty() && isBlank(taken.back()))
            taken.pop_back();
        std::u32string out;
        for (const std::u32string& piece : taken)
            out += piece;
        if (!taken.empty())
            lines.push_back(toUtf8(out));
    }
    return lines;
}

Value wordWrap(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("wordwrap", arguments,
                      {"width", "break_long_words", "wrapstring", "break_on_hyphens"});
    if (!subject.isText())
        throw Failure(subject.isUndefined() ? subject.why() : "wordwrap needs a text");
    runtime.step(subject.text()->size() / 16);
    WrapStyle style;
    const std::int64_t width = bound.whole(0, 79);
    style.breaksWords = bound[1] == nullptr || bound.flag(1);
    style.breaksHyphens = bound[3] == nullptr || bound.flag(3);
    const bool isStandard = bound[2] == nullptr || bound[2]->isNone();
    const std::string lineBreak = isStandard ? "\n" : bound.text(2, {});
    std::vector<std::string> lines;
    for (const std::string& line : linesOf(*subject.text(), false)) {
        if (width <= 0)
            throw Failure("wordwrap needs a width above 0");
        style.width = static_cast<std::size_t>(width);
        lines.push_back(join(wrapped(line, style), lineBreak));
    }
    std::string out = join(lines, lineBreak);
    runtime.checkText(out.size());
    return out;
}

/// Values over several lines of 80 columns where they fit no single one; keys are sorted.
class PrettyPrinter
{
public:
    explicit PrettyPrinter(Runtime& runtime)
        : m_runtime(runtime)
    {
    }
    std::string take() { return std::move(m_out); }

    /// indent: where the value starts; allowance: columns that what follows on its line needs.
    void add(const Value& value, std::size_t indent, std::size_t allowance, bool isOutermost)
    {
        const Runtime::Level level(m_runtime);
        m_runtime.step();
        const Value ordered = sorted(value);
        const std::string flat = represent(m_runtime, ordered);
        const bool fits = countPoints(flat) + indent + allowance <= kWidth;
        const List* list = ordered.list();
        if (!fits && ordered.dict() != nullptr)
            addDict(*ordered.dict(), indent, allowance + 1);
        else if (!fits && list != nullptr && list->kind == ListKind::List)
            addItems(list->items, "[", "]", {indent, allowance + 1});
        else if (!fits && list != nullptr && list->kind == ListKind::Tuple) {
            const bool isSingle = list->items.size() == 1;
            addItems(list->items, "(", isSingle ? ",)" : ")",
                     {indent, allowance + (isSingle ? 2 : 1)});
        } else if (!fits && ordered.isText() && !ordered.isMarkup())
            addText(*ordered.text(), {indent, allowance}, isOutermost);
        else
            put(flat);
    }

private:
    static constexpr std::size_t kWidth = 80;
    struct Room
    {
        std::size_t indent;
        std::size_t allowance;
    };

    Value sorted(const Value& value)
    {
        const Runtime::Level level(m_runtime);
        m_runtime.step();
        if (const List* list = value.list(); list != nullptr && list->kind <= ListKind::Tuple) {
            std::vector<Value> items;
            for (const Value& item : list->items)
                items.push_back(sorted(item));
            return Value::list(std::move(items), list->kind);
        }
        if (value.dict() == nullptr)
            return value;
        std::vector<Dict::Entry> entries = value.dict()->entries();
        std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
            const bool haveOrder = (a.first.isText() && b.first.isText())
                || (a.first.isNumber() && b.first.isNumber());
            return haveOrder ? isLess(m_runtime, a.first, b.first)
                             : a.first.typeName() < b.first.typeName();
        });
        Dict dict;
        for (const auto& [key, item] : entries)
            dict.set(key, sorted(item));
        return Value::dict(std::move(dict));
    }

    void put(const std::string& text)
    {
        m_out += text;
        Runtime::limitText(m_out.size());
    }
    void breakLine(std::size_t indent) { put("\n" + std::string(indent, ' ')); }

    void addDict(const Dict& dict, std::size_t indent, std::size_t allowance)
    {
        put("{");
        std::size_t left = dict.entries().size();
        for (const auto& [key, value] : dict.entries()) {
            const std::string name = represent(m_runtime, key);
            put(name + ": ");
            add(value, indent + 1 + countPoints(name) + 2, --left == 0 ? allowance : 1, false);
            if (left > 0) {
                put(",");
                breakLine(indent + 1);
            }
        }
        put("}");
    }

    void
    addItems(const std::vector<Value>& items, const char* open, const char* close, const Room& room)
    {
        put(open);
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i > 0) {
                put(",");
                breakLine(room.indent + 1);
            }
            add(items[i], room.indent + 1, i + 1 == items.size() ? room.allowance : 1, false);
        }
        put(close);
    }

    std::size_t widthOf(const std::string& text) { return countPoints(represent(m_runtime, text)); }

    /// Pieces of one line of a text, each a word with the blanks behind it or several such.
    void addLine(const std::string& line, std::size_t width, std::size_t lastWidth)
    {
        std::vector<std::string> words;
        bool wasBlank = true;
        for (const char32_t c : toCodePoints(line)) {
            const bool isBlank = isSpace(c);
            if (words.empty() || (wasBlank && !isBlank))
                words.emplace_back();
            appendUtf8(words.back(), c);
            wasBlank = isBlank;
        }
        std::string current;
        for (std::size_t i = 0; i < words.size(); ++i) {
            m_runtime.step(current.size() / 64);
            if (widthOf(current + words[i]) > (i + 1 == words.size() ? lastWidth : width)) {
                if (!current.empty())
                    m_chunks.push_back(represent(m_runtime, current));
                current.clear();
            }
            current += words[i];
        }
        if (!current.empty())
            m_chunks.push_back(represent(m_runtime, current));
    }

    void addText(const std::string& text, Room room, bool isOutermost)
    {
        if (isOutermost) { // it stands in parentheses
            ++room.indent;
            ++room.allowance;
        }
        const auto less = [](std::size_t a, std::size_t b) { return a > b ? a - b : 0; };
        const std::size_t width = less(kWidth, room.indent);
        m_chunks.clear();
        const std::vector<std::string> lines = linesOf(text, true);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const std::size_t here = i + 1 == lines.size() ? less(width, room.allowance) : width;
            if (widthOf(lines[i]) <= here)
                m_chunks.push_back(represent(m_runtime, lines[i]));
            else
                addLine(lines[i], width, here);
        }
        const bool isSeveral = m_chunks.size() > 1;
        put(isOutermost && isSeveral ? "(" : "");
        for (std::size_t i = 0; i < m_chunks.size(); ++i) {
            if (i > 0)
                breakLine(room.indent);
            put(m_chunks[i]);
        }
        put(isOutermost && isSeveral ? ")" : "");
    }

    Runtime& m_runtime;
    std::string m_out;
    std::vector<std::string> m_chunks;
};

Value prettyPrint(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("pprint", arguments, {});
    PrettyPrinter printer(runtime);
    printer.add(subject, 0, 0, true);
    return printer.take();
}

constexpr std::array kFilters {
    NamedFunction<Filter> {"wordwrap", wordWrap},
    NamedFunction<Filter> {"pprint", prettyPrint},
};

} // namespace

Filter findLayoutFilter(std::string_view name)
{
    return findIn(kFilters, name);
}

} // namespace tw::jinja
