// SPDX-License-Identifier: Apache-2.0
#include "app/cli/lines.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace tw::cli {
namespace {

constexpr std::size_t kMaxTextBytes = 4'000'000'000; // what fits in memory beside a model

} // namespace

void eachLine(const std::string& path,
              const std::function<void(const std::string&, std::int64_t)>& line)
{
    std::ifstream file;
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file)
            throw Error("Cannot open " + path + ": " + std::strerror(errno) + ".",
                        "Check the path and the permissions.");
    }
    std::istream& in = path == "-" ? std::cin : file;
    std::string text;
    for (std::int64_t number = 1; std::getline(in, text); ++number) {
        if (!text.empty() && text.back() == '\r')
            text.pop_back();
        line(text, number);
    }
    if (in.bad())
        throw Error("Cannot read " + path + ".", "Is it a file?");
}

std::string wholeText(const std::string& path)
{
    if (path != "-")
        return readFile(path, kMaxTextBytes);
    return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

} // namespace tw::cli
