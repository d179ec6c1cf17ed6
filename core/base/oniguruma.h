// SPDX-License-Identifier: Apache-2.0
#pragma once

// For .cpp files only: it shows the library of regular expressions.
#include <memory>
#include <oniguruma.h>
#include <string>
#include <string_view>

namespace tw {

struct OnigurumaDeleter
{
    void operator()(regex_t* regex) const { onig_free(regex); }
    void operator()(OnigRegion* region) const { onig_region_free(region, 1); }
    void operator()(OnigMatchParam* limits) const { onig_free_match_param(limits); }
};
using CompiledPattern = std::unique_ptr<regex_t, OnigurumaDeleter>;

/// Oniguruma's characters are unsigned.
inline const OnigUChar* onigurumaBytes(std::string_view text)
{
    return reinterpret_cast<const OnigUChar*>(text.data());
}

/// Compiles a pattern that comes from somebody's file. Throws Error where it is none, or could grow
/// beyond reason. Searches give up after some tenths of a second.
CompiledPattern
compilePattern(const std::string& pattern, OnigSyntaxType* syntax, const char* hint);

/// What a code that onig_... returned means.
std::string onigurumaMessage(int code, OnigErrorInfo* info = nullptr);

} // namespace tw
