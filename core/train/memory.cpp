// SPDX-License-Identifier: Apache-2.0
#include "core/train/memory.h"

#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace tw {

std::int64_t residentBytes()
{
    std::ifstream file("/proc/self/statm"); // pages: whole size, resident ...
    std::int64_t size = 0;
    std::int64_t resident = 0;
    return file >> size >> resident ? resident * sysconf(_SC_PAGESIZE) : 0;
}

std::int64_t peakResidentBytes()
{
    rusage usage {};
    return getrusage(RUSAGE_SELF, &usage) == 0 ? std::int64_t {usage.ru_maxrss} * 1024
                                               : 0; // Linux counts in KiB
}

} // namespace tw
