// SPDX-License-Identifier: Apache-2.0
#include "core/base/oniguruma.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <mutex>

namespace tw {
namespace {

constexpr std::size_t kMaxPattern = 20'000; // the longest in use has some thousand bytes
constexpr std::uint64_t kMaxRepeats =
    10'000; // counted repeats are written out when a pattern is compiled

constexpr unsigned long kMaxSteps =
    20'000'000; // some tenths of a second: a pattern that backtracks without end

void startOniguruma()
{
    static std::once_flag once;
    std::call_once(once, [] {
        std::array<OnigEncoding, 1> encodings {ONIG_ENCODING_UTF8};
        onig_initialize(encodings.data(), static_cast<int>(encodings.size()));
        onig_set_warn_func([](const char*) {
        }); // a library that prints by itself would spoil the command line's output
        onig_set_verb_warn_func([](const char*) { });
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
             && (std::isdigit(static_cast<unsigned char>(pattern[i])) != 0 || pattern[i] == ',');) {
            std::uint64_t number = 0;
            for (; i < pattern.size() && std::isdigit(static_cast<unsigned char>(pattern[i])) != 0;
                 ++i)
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

} // namespace

CompiledPattern compilePattern(const std::string& pattern, OnigSyntaxType* syntax, const char* hint)
{
    const std::string shown = pattern.substr(0, 80);
    if (pattern.size() > kMaxPattern || repeatsIn(pattern) > kMaxRepeats)
        throw Error("The regular expression " + shown + " is too large.", hint);
    startOniguruma();
    regex_t* regex = nullptr;
    OnigErrorInfo info {};
    const OnigUChar* const start = onigurumaBytes(pattern);
    const int code = onig_new(&regex, start, start + pattern.size(), ONIG_OPTION_NONE,
                              ONIG_ENCODING_UTF8, syntax, &info);
    CompiledPattern compiled(regex);
    if (code != ONIG_NORMAL)
        throw Error("The regular expression " + shown
                        + " is not valid: " + repairedUtf8(onigurumaMessage(code, &info)) + ".",
                    hint);
    return compiled;
}

std::string onigurumaMessage(int code, OnigErrorInfo* info)
{
    std::array<OnigUChar, ONIG_MAX_ERROR_MESSAGE_LEN> buffer {};
    const int length = info == nullptr ? onig_error_code_to_str(buffer.data(), code)
                                       : onig_error_code_to_str(buffer.data(), code, info);
    return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(length)};
}

} // namespace tw
