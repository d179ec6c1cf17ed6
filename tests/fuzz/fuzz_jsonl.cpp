// SPDX-License-Identifier: Apache-2.0
// JSON Lines and JSON: every row that is promised can be read and has all its cells.
#include "tests/fuzz/read_all.h"

namespace tw {
void registerJsonl(Registry<DataReader>& registry);
void registerJsonArray(Registry<DataReader>& registry);
} // namespace tw

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    readText(tw::registerJsonl, text);
    readText(tw::registerJsonArray, text);
    return 0;
}
