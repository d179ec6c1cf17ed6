// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/text.h"
#include "core/workbench/workspace.h"

#include <iostream>

namespace tw::cli {
namespace {

struct Options
{
    std::string from;
    std::string to;
    bool keep = false;
};

int convert(const Options& options)
{
    Workspace workspace;
    const ConvertSummary summary = wait(workspace.convert(options.from, options.to, options.keep));
    std::cerr << "Wrote " << summary.tensors << " tensors, " << bytesInWords(summary.bytes)
              << ", to " << options.to << "." << std::endl;
    return kDone;
}

} // namespace

Action addConvert(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    app.add_option("file", options->from, "Tensor file, or folder with shards")
        ->required()
        ->option_text("FILE");
    app.add_option("--out", options->to, "safetensors file to write")
        ->required()
        ->option_text("FILE.safetensors");
    app.add_flag("--keep", options->keep,
                 "Keep the types that safetensors has; quantised tensors become float32");
    return [options] { return convert(*options); };
}

} // namespace tw::cli
