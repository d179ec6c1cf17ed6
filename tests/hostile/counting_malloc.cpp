// SPDX-License-Identifier: Apache-2.0
// Stands in front of glibc's allocator: the linker takes a program's own malloc before that of a
// library, so every library of the process is counted as well.
#include "tests/hostile/counting_malloc.h"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <malloc.h>

namespace {

std::atomic<std::int64_t> g_now = 0;
std::atomic<std::int64_t> g_peak = 0;

} // namespace

namespace counting {

std::int64_t bytesNow()
{
    return g_now;
}
std::int64_t peakBytes()
{
    return g_peak;
}
void beginPeak()
{
    g_peak = g_now.load();
}

} // namespace counting

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

extern "C" {
// Names that glibc exports for this purpose.
void* __libc_malloc(std::size_t size); // NOLINT
void* __libc_calloc(std::size_t count, std::size_t size); // NOLINT
void* __libc_realloc(void* block, std::size_t size); // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size); // NOLINT
void __libc_free(void* block); // NOLINT
}

namespace {

void* counted(void* block)
{
    if (block == nullptr)
        return block;
    const std::int64_t now = g_now += static_cast<std::int64_t>(malloc_usable_size(block));
    std::int64_t peak = g_peak;
    while (now > peak && !g_peak.compare_exchange_weak(peak, now)) { }
    return block;
}

void discount(void* block)
{
    if (block != nullptr)
        g_now -= static_cast<std::int64_t>(malloc_usable_size(block));
}

} // namespace

extern "C" {

void* malloc(std::size_t size)
{
    return counted(__libc_malloc(size));
}
void* calloc(std::size_t count, std::size_t size)
{
    return counted(__libc_calloc(count, size));
}
void* realloc(void* block, std::size_t size)
{
    discount(block);
    void* const moved = __libc_realloc(block, size);
    if (moved == nullptr && size != 0)
        counted(block); // it stays where it was
    return counted(moved);
}
void free(void* block)
{
    discount(block);
    __libc_free(block);
}
void* memalign(std::size_t alignment, std::size_t size)
{
    return counted(__libc_memalign(alignment, size));
}
void* aligned_alloc(std::size_t alignment, std::size_t size)
{
    return memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size)
{
    void* const made = memalign(alignment, size);
    if (made == nullptr)
        return ENOMEM;
    *block = made;
    return 0;
}
}

#endif
