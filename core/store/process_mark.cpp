// SPDX-License-Identifier: Apache-2.0
#include "core/store/process_mark.h"

#include "core/base/text.h"

#include <fstream>
#include <iterator>
#include <unistd.h>

namespace tw {
namespace {

std::string wholeFile(const std::string& path)
{
    std::ifstream in(path); // files under /proc have no length, so readFile() cannot be used
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Field 22 of /proc/PID/stat, in clock ticks since boot; empty where there is no such process.
std::string startTimeOf(const std::string& pid)
{
    const std::string stat = wholeFile("/proc/" + pid + "/stat");
    const auto nameEnd = stat.rfind(')'); // the program's name may hold blanks and brackets
    if (nameEnd == std::string::npos)
        return {};
    const auto fields = split(std::string_view(stat).substr(nameEnd + 2), ' ');
    constexpr std::size_t kStartTime = 19; // counted from field 3, the first one after the name
    if (fields.size() <= kStartTime || fields[0] == "Z") // a zombie does no work any more
        return {};
    return fields[kStartTime];
}

std::string bootId()
{
    return trimmed(wholeFile("/proc/sys/kernel/random/boot_id"));
}

} // namespace

std::string processMark()
{
    const std::string pid = std::to_string(::getpid());
    return bootId() + " " + pid + " " + startTimeOf(pid);
}

bool isProcessAlive(const std::string& mark)
{
    const auto parts = split(mark, ' ');
    return parts.size() == 3 && parts[0] == bootId() && !parts[2].empty()
        && startTimeOf(parts[1]) == parts[2];
}

} // namespace tw
