// SPDX-License-Identifier: Apache-2.0
// CSV: every row that is promised can be read, has all its cells, and they are well-formed text.
#include "tests/fuzz/read_all.h"

namespace tw {
void registerCsv(Registry<DataReader>& registry);
void registerParagraphs(Registry<DataReader>& registry);
} // namespace tw

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    readText(tw::registerCsv, text);
    readText(tw::registerParagraphs, text);
    return 0;
}
