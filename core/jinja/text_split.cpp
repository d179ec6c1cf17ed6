// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/text_split.h"

#include "core/base/text.h"
#include "core/jinja/runtime.h"
#include "core/jinja/unicode.h"

#include <algorithm>

namespace tw::jinja {
namespace {

Value reversedList(std::vector<Value> parts)
{
    std::reverse(parts.begin(), parts.end());
    return Value::list(std::move(parts));
}

/// Where the next blank starts, or the end.
std::size_t nextBlank(const std::u32string& text, std::size_t at)
{
    while (at < text.size() && !isSpace(text[at]))
        ++at;
    return at;
}

} // namespace

Value splitBlanks(const std::string& text, std::int64_t limit)
{
    const std::u32string points = toCodePoints(text);
    std::vector<Value> parts;
    for (std::size_t at = 0;;) {
        while (at < points.size() && isSpace(points[at]))
            ++at;
        if (at >= points.size())
            break;
        const bool isLast = limit >= 0 && static_cast<std::int64_t>(parts.size()) >= limit;
        const std::size_t end = isLast ? points.size() : nextBlank(points, at);
        parts.emplace_back(toUtf8(points.substr(at, end - at)));
        at = end;
    }
    return Value::list(std::move(parts));
}

Value splitBlanksFromEnd(const std::string& text, std::int64_t limit)
{
    const std::u32string points = toCodePoints(text);
    std::vector<Value> parts;
    for (std::size_t end = points.size();;) {
        while (end > 0 && isSpace(points[end - 1]))
            --end;
        if (end == 0)
            break;
        if (limit >= 0 && static_cast<std::int64_t>(parts.size()) >= limit) {
            parts.emplace_back(toUtf8(points.substr(0, end)));
            break;
        }
        std::size_t start = end;
        while (start > 0 && !isSpace(points[start - 1]))
            --start;
        parts.emplace_back(toUtf8(points.substr(start, end - start)));
        end = start;
    }
    return reversedList(std::move(parts));
}

Value splitAt(const std::string& text, const std::string& separator, std::int64_t limit)
{
    if (separator.empty())
        throw Failure("split() needs a separator that is not empty");
    std::vector<Value> parts;
    std::size_t from = 0;
    for (std::size_t at = text.find(separator); at != std::string::npos && limit != 0;
         at = text.find(separator, from)) {
        parts.emplace_back(text.substr(from, at - from));
        from = at + separator.size();
        --limit;
    }
    parts.emplace_back(text.substr(from));
    return Value::list(std::move(parts));
}

Value splitAtFromEnd(const std::string& text, const std::string& separator, std::int64_t limit)
{
    if (separator.empty())
        throw Failure("rsplit() needs a separator that is not empty");
    std::vector<Value> parts;
    std::string_view rest = text;
    for (std::size_t at = rest.rfind(separator); at != std::string_view::npos && limit != 0;
         at = rest.rfind(separator)) {
        parts.emplace_back(std::string(rest.substr(at + separator.size())));
        rest = rest.substr(0, at);
        --limit;
    }
    parts.emplace_back(std::string(rest));
    return reversedList(std::move(parts));
}

std::vector<std::string> linesOf(const std::string& text, bool keepEnds)
{
    const std::u32string points = toCodePoints(text);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < points.size();) {
        std::size_t end = at;
        while (end < points.size() && !isLineBreak(points[end]))
            ++end;
        std::size_t next = end;
        if (next < points.size() && points.compare(next, 2, U"\r\n") == 0)
            next += 2;
        else if (next < points.size())
            ++next;
        lines.push_back(toUtf8(points.substr(at, (keepEnds ? next : end) - at)));
        at = next;
    }
    return lines;
}

std::string replaced(Runtime& runtime,
                     const std::string& text,
                     const std::string& old,
                     const std::string& with,
                     std::int64_t limit)
{
    std::string out;
    std::size_t from = 0;
    runtime.checkText(text.size());
    if (old.empty()) { // between all code points, and at both ends
        for (std::size_t at = 0; limit != 0; --limit) {
            out += with;
            if (at >= text.size())
                return out;
            do {
                out += text[at++];
            } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
            from = at;
            runtime.step();
            Runtime::limitText(out.size());
        }
        return out + text.substr(from);
    }
    for (std::size_t at = text.find(old); at != std::string::npos && limit != 0;
         at = text.find(old, from)) {
        out.append(text, from, at - from);
        out += with;
        from = at + old.size();
        --limit;
        Runtime::limitText(out.size());
    }
    return out + text.substr(from);
}

} // namespace tw::jinja
