// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/workbench/workspace.h"

#include <charconv>
#include <iostream>
#include <map>

namespace tw::cli {
namespace {

struct Options
{
    std::string from;
    std::string to;
    bool keep = false;
    std::string shardSize;
};

/// "5GB" in bytes: decimal units, as Transformers reads them.
std::uint64_t bytesFrom(const std::string& size)
{
    if (size.empty())
        return 0;
    static const std::map<std::string, std::uint64_t> units {{"", 1},
                                                             {"KB", 1'000},
                                                             {"MB", 1'000'000},
                                                             {"GB", 1'000'000'000},
                                                             {"TB", 1'000'000'000'000}};
    std::uint64_t number = 0;
    const auto read = std::from_chars(size.data(), size.data() + size.size(), number);
    const auto unit = units.find(std::string(read.ptr, size.data() + size.size()));
    constexpr std::uint64_t kMost = 1'000'000; // of any unit: no multiplication overflows
    if (read.ec != std::errc() || unit == units.end() || number == 0
        || (number > kMost && unit->second > 1))
        throw Error("--shard-size is \"" + size + "\", which is no size.",
                    "Write a whole number and its unit, such as 5GB or 500MB.");
    return number * unit->second;
}

int convert(const Options& options)
{
    Workspace workspace;
    const ConvertSummary summary = wait(
        workspace.convert({options.from, options.to, options.keep, bytesFrom(options.shardSize)}));
    std::cerr << "Wrote " << summary.tensors << " tensors, " << bytesInWords(summary.bytes)
              << ", to " << summary.files.back();
    if (summary.files.size() > 1)
        std::cerr << " and the " << summary.files.size() - 1 << " files that it names";
    std::cerr << "." << std::endl;
    return kDone;
}

} // namespace

Action addConvert(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    app.add_option("file", options->from,
                   "safetensors, GGUF, PyTorch (.bin, .pt), .npy, .npz, an index, or a folder")
        ->required()
        ->option_text("FILE");
    app.add_option("--out", options->to, "safetensors file to write")
        ->required()
        ->option_text("FILE.safetensors");
    app.add_flag("--keep", options->keep,
                 "Keep the types that safetensors has; quantised tensors become float32");
    app.add_option("--shard-size", options->shardSize,
                   "Split into files of at most this size, with an index, as Transformers does")
        ->option_text("5GB");
    return [options] { return convert(*options); };
}

} // namespace tw::cli
