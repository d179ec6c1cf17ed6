// SPDX-License-Identifier: Apache-2.0
// How fast a text of many lines is tokenized, with one thread and with all. Threads come from
// OMP_NUM_THREADS. The peer's program prints the same sum over all ids.
//   bench_tokenizer TOKENIZER TEXT
#include "core/tokenizer/batch.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <span>

namespace {

using namespace tw;

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void print(const char* what, double megabytes, double seconds)
{
    std::printf("%-12s %8.2f s %8.2f MB/s\n", what, seconds, megabytes / seconds);
}

} // namespace

int main(int count, char** values)
{
    const std::span<char*> arguments(values, static_cast<std::size_t>(count));
    if (arguments.size() != 3)
        return 2;
    const auto tokenizer = openTokenizer(arguments[1]);
    std::ifstream in(arguments[2]);
    std::vector<std::string> lines;
    double megabytes = 0.0;
    for (std::string line; std::getline(in, line); lines.push_back(line))
        megabytes += static_cast<double>(line.size() + 1) / 1e6;

    auto start = std::chrono::steady_clock::now();
    std::uint64_t sum = 0; // depends on every id and its place
    for (const std::string& line : lines)
        for (const std::int64_t id : tokenizer->encode(line, false).ids)
            sum = sum * 31 + static_cast<std::uint64_t>(id) + 1;
    print("one thread", megabytes, secondsSince(start));
    start = std::chrono::steady_clock::now();
    encodeAll(*tokenizer, lines, false);
    print("all threads", megabytes, secondsSince(start));
    std::printf("lines %zu, sum of ids %llu\n", lines.size(), static_cast<unsigned long long>(sum));
    return 0;
}
