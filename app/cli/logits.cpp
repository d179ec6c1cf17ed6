// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/text.h"
#include "core/workbench/tools.h"
#include "core/workbench/workspace.h"

#include <iostream>

namespace tw::cli {
namespace {

struct Options
{
    std::string model;
    std::vector<std::string> adapters;
    LogitsFiles files;
    MachineOptions machine;
};

std::string shapeText(const std::vector<std::int64_t>& shape)
{
    std::string text;
    for (const std::int64_t size : shape)
        text += (text.empty() ? "" : ", ") + std::to_string(size);
    return "[" + text + "]";
}

int logits(const Options& options)
{
    const ModelRef model = resolveModel(options.model, options.adapters);
    Workspace workspace(options.machine.threads);
    const LogitsSummary summary = wait(workspace.writeLogits(model, options.files));
    for (const LogitsSummary::Output& output : summary.outputs)
        std::cerr << "Wrote " << output.name << " " << shapeText(output.shape) << "." << std::endl;
    std::cerr << options.files.out << " is there after " << numberText(summary.seconds, 3) << " s."
              << std::endl;
    return kDone;
}

} // namespace

Action addLogits(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    app.add_option("model", options->model, "Model folder, GGUF file or PROJECT#RUN[@STEP]")
        ->required()
        ->option_text("MODEL");
    addAdapters(app, options->adapters);
    app.add_option("--inputs", options->files.inputs,
                   "JSON or safetensors with what the model reads: input_ids, perhaps "
                   "attention_mask, or pixel_values ...; or a picture or a sound. JSON may name "
                   "several: {\"images\": [..]}, {\"sounds\": [..]}")
        ->required()
        ->option_text("FILE");
    app.add_option("--out", options->files.out, "safetensors file to write")
        ->required()
        ->option_text("FILE");
    app.add_option(
           "--prepared", options->files.prepared,
           "safetensors file to write with the numbers that the model read, as pixel_values")
        ->option_text("FILE");
    addMachine(app, options->machine);
    return [options] { return logits(*options); };
}

} // namespace tw::cli
