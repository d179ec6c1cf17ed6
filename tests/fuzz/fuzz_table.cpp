// SPDX-License-Identifier: Apache-2.0
// Tables that are no text: Parquet, Arrow as file and as stream, IDX. The first bytes say which.
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/read_all.h"

#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace std::string_view_literals;
    constexpr std::pair<std::string_view, std::string_view> kMarks[] = {
        {"PAR1"sv, "parquet"},
        {"ARROW1"sv, "arrow"},
        {"\xff\xff\xff\xff"sv, "arrow"},
        {"\0\0"sv, "idx"}};
    const MemoryFile file(data, size);
    for (const auto& [mark, id] : kMarks)
        for (const auto& reader :
             tw::dataReaders().all()) // without Arrow's library two are missing
            if (reader->id == id
                && std::string_view(reinterpret_cast<const char*>(data), size).starts_with(mark))
                readPath(*reader, file.path());
    return 0;
}
