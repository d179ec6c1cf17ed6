// SPDX-License-Identifier: Apache-2.0
#include "core/base/allocator.h"

#include <limits>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace tw {

void tuneAllocator()
{
#ifdef __GLIBC__
    // Training runs in a thread of its own, and a thread's own arena gives its pieces of 64 MB back
    // whatever the thresholds below say: 3.6 times the page faults of one arena for all.
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
    mallopt(M_TOP_PAD, 64 << 20); // grow in steps that matter
#endif
}

} // namespace tw
