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
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
    mallopt(M_TOP_PAD, 64 << 20); // grow in steps that matter
#endif
}

} // namespace tw
