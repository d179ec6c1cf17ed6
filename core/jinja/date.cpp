// SPDX-License-Identifier: Apache-2.0
// strftime, as Python has it in the C locale.

#include "core/jinja/format.h"
#include "core/jinja/operators.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <locale.h>

namespace tw::jinja {
namespace {

std::tm clockTime()
{
    const std::time_t now = std::time(nullptr);
    std::tm local {};
    localtime_r(&now, &local);
    return local;
}

std::tm timeFrom(const std::string& text)
{
    std::tm time {};
    const int read = std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d", &time.tm_year, &time.tm_mon,
                                 &time.tm_mday, &time.tm_hour, &time.tm_min, &time.tm_sec);
    if (read != 6 && read != 3)
        throw Failure("the time '" + text + "' is not of the form 2025-02-09T07:05:03");
    time.tm_year -= 1900;
    time.tm_mon -= 1;
    timegm(&time); // fills in weekday and day of the year
    return time;
}

/// Names of days and months must not follow the language of the window.
locale_t plainLocale()
{
    static const locale_t locale = newlocale(LC_ALL_MASK, "C", nullptr);
    return locale;
}

} // namespace

std::string formatTime(const std::string& time, const std::string& pattern)
{
    const std::tm moment = time.empty() ? clockTime() : timeFrom(time);
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%' || i + 1 >= pattern.size()) {
            out += pattern[i];
            continue;
        }
        ++i;
        std::string code = "%";
        if (pattern[i] == '-' && i + 1 < pattern.size()) // glibc's: without the leading zero
            code += pattern[i++];
        code += pattern[i];
        if (code == "%f") {
            out += "000000";
            continue;
        }
        if (code == "%z" || code == "%Z") // datetime.now() knows no zone
            continue;
        std::array<char, 128> text {};
        out.append(text.data(),
                   strftime_l(text.data(), text.size(), code.c_str(), &moment, plainLocale()));
    }
    return out;
}

} // namespace tw::jinja
