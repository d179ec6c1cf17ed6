// SPDX-License-Identifier: Apache-2.0
// Data sets in zip archives, with whatever reader their entry is for.
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/read_all.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    readPath(tw::dataReaders().at("zip"), MemoryFile(data, size).path());
    return 0;
}
