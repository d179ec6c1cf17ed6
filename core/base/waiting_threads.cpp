// SPDX-License-Identifier: Apache-2.0
#include "core/base/waiting_threads.h"

#ifdef __linux__
#include <cstdlib>
#include <filesystem>
#include <sys/auxv.h>
#include <system_error>
#include <unistd.h>
#endif

namespace tw {

void letWaitingThreadsSleep([[maybe_unused]] char** arguments)
{
#ifdef __linux__
    if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr)
        return;
    if (getauxval(AT_BASE) == 0) // started through the loader by name: /proc/self/exe is the loader
        return;
    // by its own path, or the process would be listed as "exe"
    std::error_code unknown;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", unknown);
    if (unknown || setenv("GOMP_SPINCOUNT", "0", 0) != 0)
        return;
    execv(self.c_str(), arguments); // comes back only if it failed; then threads spin as before
#endif
}

} // namespace tw
