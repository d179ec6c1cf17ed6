// SPDX-License-Identifier: Apache-2.0
// Headers of safetensors files and indexes of shards: whatever the bytes are, they are read or
// refused with an Error.
#include "core/base/error.h"
#include "core/tensorfile/safetensors_header.h"

#include <cstdlib>

namespace {

/// What was accepted must lie within the file.
void check(const tw::SafetensorsHeader& header, std::size_t size)
{
    for (const tw::TensorInfo& tensor : header.tensors)
        if (tensor.offset > size || tensor.bytes > size - tensor.offset)
            std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    try {
        check(tw::readSafetensorsHeader(std::as_bytes(std::span(data, size)), "input"), size);
    } catch (const tw::Error&) { // refused, as it should be
    }
    try {
        tw::readShardIndex({reinterpret_cast<const char*>(data), size}, "input");
    } catch (const tw::Error&) { // refused, as it should be
    }
    return 0;
}
