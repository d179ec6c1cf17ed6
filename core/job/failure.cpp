// SPDX-License-Identifier: Apache-2.0
#include "core/job/failure.h"

#include "core/base/error.h"

#include <c10/util/Exception.h>

#include <filesystem>
#include <new>

namespace tw {
namespace {

constexpr const char* kLessMemory =
    "Use fewer rows a step, a shorter length or a smaller model, or close other programs.";

bool speaksOfMemory(const std::string& text)
{
    // c10's CPU allocator throws a plain c10::Error whose text names its own function or errno 12.
    return text.find("DefaultCPUAllocator") != std::string::npos
        || text.find("can't allocate memory") != std::string::npos
        || text.find("Cannot allocate memory") != std::string::npos;
}

std::string firstLine(const std::string& text)
{
    return text.substr(0, text.find('\n'));
}

} // namespace

Failure failureOf(const std::exception& error)
{
    if (const auto* own = dynamic_cast<const Error*>(&error))
        return {own->what(), own->hint()};
    if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
        return {"The memory of this machine is used up.", kLessMemory};
    if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error)) {
        const bool isFull = file->code() == std::errc::no_space_on_device;
        return {"Cannot use " + file->path1().string() + ": " + file->code().message() + ".",
                isFull ? "The disk is full: free some space and try again."
                       : "Check the path, and what you may do there."};
    }
    if (const auto* torch = dynamic_cast<const c10::Error*>(&error)) {
        const std::string text = torch->what_without_backtrace();
        if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr || speaksOfMemory(text))
            return {"The memory of the device is used up.", kLessMemory};
        return {"The computation failed: " + firstLine(text),
                "Please report this with the experiment that led to it."};
    }
    return {firstLine(error.what()), {}};
}

} // namespace tw
