// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/regex.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <mutex>
#include <oniguruma.h>

namespace tw {
namespace {

constexpr std::size_t kMaxPattern = 20'000; // the longest in use has some thousand bytes
constexpr std::uint64_t kMaxRepeats =
    10'000; // counted repeats are written out when a pattern is compiled

constexpr unsigned long kMaxSteps =
    20'000'000; // some tenths of a second: a pattern that backtracks without end

using Byte = unsigned char;

const Byte* bytesOf(std::string_view text)
{
    return reinterpret_cast<const Byte*>(text.data());
}

void startOniguruma()
{
    static std::once_flag once;
    std::call_once(once, [] {
        std::array<OnigEncoding, 1> encodings {ONIG_ENCODING_UTF8};
        onig_initialize(encodings.data(), static_cast<int>(encodings.size()));
        onig_set_warn_func([](const char*) {
        }); // a library that prints by itself would spoil the command line's output
        onig_set_verb_warn_func([](const char*) {});
        onig_set_retry_limit_in_search(kMaxSteps);
    });
}

/// Upper bound of how often a pattern's parts are written out: the product of its {n,m}.
std::uint64_t repeatsIn(std::string_view pattern)
{
    std::uint64_t product = 1;
    for (std::size_t at = pattern.find('{'); at != std::string_view::npos;
         at = pattern.find('{', at + 1)) {
        std::uint64_t most = 1;
        for (std::size_t i = at + 1; i < pattern.size()
             && (std::isdigit(static_cast<Byte>(pattern[i])) != 0 || pattern[i] == ',');) {
            std::uint64_t number = 0;
            for (; i < pattern.size() && std::isdigit(static_cast<Byte>(pattern[i])) != 0; ++i)
                number = std::min<std::uint64_t>(
                    number * 10 + static_cast<std::uint64_t>(pattern[i] - '0'), kMaxRepeats + 1);
            most = std::max(most, number);
            if (i < pattern.size() && pattern[i] == ',')
                ++i;
        }
        product = std::min(product * most, kMaxRepeats + 1);
    }
    return product;
}

std::string messageOf(int code, OnigErrorInfo* info)
{
    std::array<Byte, ONIG_MAX_ERROR_MESSAGE_LEN> buffer {};
    const int length = onig_error_code_to_str(buffer.data(), code, info);
    return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(length)};
}

std::size_t behindPointAt(std::string_view text, std::size_t at)
{
    do
        ++at;
    while (at < text.size() && (static_cast<Byte>(text[at]) & 0xC0U) == 0x80U);
    return at;
}

struct Region
{
    OnigRegion* const region = onig_region_new();
    Region() = default;
    Region(const Region&) = delete;
    Region& operator=(const Region&) = delete;
    ~Region() { onig_region_free(region, 1); }
};

} // namespace

struct Regex::Compiled
{
    std::string pattern;
    regex_t* regex = nullptr;
    ~Compiled() { onig_free(regex); }
};

Regex::Regex(const std::string& pattern)
{
    constexpr const char* kHint =
        "Check that the file is complete; if it is, this tokenizer cannot be used here.";
    const std::string shown = pattern.substr(0, 80);
    if (pattern.size() > kMaxPattern || repeatsIn(pattern) > kMaxRepeats)
        throw Error("The regular expression " + shown + " is too large.", kHint);
    startOniguruma();
    auto compiled = std::make_shared<Compiled>();
    compiled->pattern = pattern;
    OnigErrorInfo info {};
    const Byte* const start = bytesOf(pattern);
    const int code = onig_new(&compiled->regex, start, start + pattern.size(), ONIG_OPTION_NONE,
                              ONIG_ENCODING_UTF8, ONIG_SYNTAX_DEFAULT, &info);
    if (code != ONIG_NORMAL)
        throw Error("The regular expression " + shown
                        + " is not valid: " + repairedUtf8(messageOf(code, &info)) + ".",
                    kHint);
    m_compiled = std::move(compiled);
}

void Regex::findAll(std::string_view text, std::vector<Match>& matches) const
{
    matches.clear();
    const Region region;
    const Byte* const start = bytesOf(text);
    const Byte* const end = start + text.size();
    std::size_t from = 0;
    std::size_t lastEnd = std::string_view::npos;
    while (from <= text.size()) {
        const int found = onig_search(m_compiled->regex, start, end, start + from, end,
                                      region.region, ONIG_OPTION_NONE);
        if (found == ONIG_MISMATCH)
            return;
        if (found < 0)
            throw Error("The regular expression " + m_compiled->pattern.substr(0, 80)
                            + " gave up on a text: " + messageOf(found, nullptr) + ".",
                        "Leave that text out, or split it into shorter ones.");
        const auto matchEnd = static_cast<std::size_t>(region.region->end[0]);
        if (matchEnd == static_cast<std::size_t>(found) && matchEnd == lastEnd) {
            from = behindPointAt(text, matchEnd); // empty, right behind the last one
            continue;
        }
        matches.emplace_back(static_cast<std::size_t>(found), matchEnd);
        from = lastEnd = matchEnd;
    }
}

} // namespace tw
