// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/access.h"
#include "core/jinja/format.h"
#include "core/jinja/operators.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"

#include <algorithm>
#include <optional>

namespace tw::jinja {
namespace {

/// "{0.name[key]!r:>10}" and its kin.
class BraceFormatter
{
public:
    BraceFormatter(Runtime& runtime, const Arguments& arguments)
        : m_runtime(runtime)
        , m_arguments(arguments)
    {
    }

    std::string format(std::string_view pattern, int level)
    {
        if (level > 2)
            throw Failure("a format is nested too deeply");
        m_runtime.checkText(pattern.size());
        std::string out;
        for (std::size_t at = 0; at < pattern.size(); ++at) {
            const char c = pattern[at];
            const bool isDoubled = at + 1 < pattern.size() && pattern[at + 1] == c;
            if (c == '}' && !isDoubled)
                throw Failure("a single '}' stands in a format");
            if ((c == '{' || c == '}') && isDoubled) {
                out += c;
                ++at;
            } else if (c == '{') {
                const std::size_t end = endOfField(pattern, at);
                out += field(pattern.substr(at + 1, end - at - 1), level);
                at = end;
            } else {
                out += c;
            }
            Runtime::limitText(out.size());
        }
        return out;
    }

private:
    static std::size_t endOfField(std::string_view pattern, std::size_t start)
    {
        int depth = 0;
        for (std::size_t at = start; at < pattern.size(); ++at) {
            if (pattern[at] == '{')
                ++depth;
            else if (pattern[at] == '}' && --depth == 0)
                return at;
        }
        throw Failure("a '{' of a format is never closed");
    }

    std::string field(std::string_view text, int level)
    {
        std::string specification;
        char conversion = '\0';
        const std::size_t bracket = text.find('[');
        std::size_t colon = text.find_first_of("!:");
        if (bracket < colon) // a key may hold both signs
            colon = text.find_first_of("!:", std::min(text.find(']', bracket), text.size()));
        std::string_view name = text.substr(0, colon);
        if (colon != std::string_view::npos) {
            std::string_view rest = text.substr(colon);
            if (rest.front() == '!') {
                if (rest.size() < 2 || (rest.size() > 2 && rest[2] != ':'))
                    throw Failure("a conversion of a format is not known");
                conversion = rest[1];
                rest.remove_prefix(2);
            }
            if (!rest.empty())
                specification = format(rest.substr(1), level + 1);
        }
        return formatValue(m_runtime, convertedValue(valueOf(name), conversion), specification);
    }

    Value convertedValue(Value value, char conversion)
    {
        if (conversion == 'r' || conversion == 'a')
            return represent(m_runtime, value);
        if (conversion == 's')
            return toText(m_runtime, value);
        if (conversion != '\0')
            throw Failure("a conversion of a format is not known");
        return value;
    }

    Value valueOf(std::string_view name)
    {
        std::size_t at = std::min(name.find_first_of(".["), name.size());
        Value value = first(std::string(name.substr(0, at)));
        while (at < name.size()) {
            if (name[at] == '.') {
                const std::size_t end = std::min(name.find_first_of(".[", at + 1), name.size());
                value =
                    attributeOf(m_runtime, value, std::string(name.substr(at + 1, end - at - 1)));
                at = end;
            } else {
                const std::size_t end = name.find(']', at);
                if (end == std::string_view::npos)
                    throw Failure("a '[' of a format is never closed");
                const std::string key(name.substr(at + 1, end - at - 1));
                const auto index = wholeFromText(key, 10);
                value = itemOf(m_runtime, value, index ? *index : Value(key));
                at = end + 1;
            }
        }
        return value;
    }

    Value first(const std::string& name)
    {
        const bool isAutomatic = name.empty();
        const auto index = isAutomatic ? std::optional(Value(m_next)) : wholeFromText(name, 10);
        if (!index) {
            for (const auto& [known, value] : m_arguments.named) {
                if (known == name)
                    return value;
            }
            throw Failure("the format misses '" + name + "'");
        }
        if ((isAutomatic && m_isNumbered) || (!isAutomatic && m_next > 0))
            throw Failure("a format mixes {} and {0}");
        if (isAutomatic)
            ++m_next;
        else
            m_isNumbered = true;
        const std::int64_t at = index->whole();
        if (at < 0 || at >= static_cast<std::int64_t>(m_arguments.positional.size()))
            throw Failure("there are not enough values for the format");
        return m_arguments.positional[static_cast<std::size_t>(at)];
    }

    Runtime& m_runtime;
    const Arguments& m_arguments;
    std::int64_t m_next = 0;
    bool m_isNumbered = false;
};

} // namespace

std::string formatBraces(Runtime& runtime, const std::string& pattern, const Arguments& arguments)
{
    return BraceFormatter(runtime, arguments).format(pattern, 0);
}

} // namespace tw::jinja
