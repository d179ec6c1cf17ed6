// SPDX-License-Identifier: Apache-2.0
#pragma once

// One copy of a function per vector width, chosen by the loader. The sanitizers are not ready yet
// when it asks.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) \
    && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TW_PER_CPU __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define TW_PER_CPU
#endif
/// For what such functions call: a function of its own would be compiled once, for the oldest.
#define TW_INLINE [[gnu::always_inline]] inline
