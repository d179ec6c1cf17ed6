// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>

namespace tw {

/// An exception in words: what happened, and what to do.
struct Failure
{
    std::string what;
    std::string hint;
};

/// Of an Error as it stands; of std::bad_alloc and LibTorch's errors (out of memory included) as a
/// sentence without stack trace.
Failure failureOf(const std::exception& error);

} // namespace tw
