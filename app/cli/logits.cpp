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
    std::string inputs;
    std::string out;
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
    const LogitsSummary summary = wait(workspace.writeLogits(model, options.inputs, options.out));
    for (const LogitsSummary::Output& output : summary.outputs)
        std::cerr << "Wrote " << output.name << " " << shapeText(output.shape) << "." << std::endl;
    std::cerr << options.out << " is there after " << numberText(summary.seconds, 3) << " s."
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
    app.add_option("--inputs", options->inputs,
                   "JSON or safetensors with what the model reads: input_ids, perhaps "
                   "attention_mask, or pixel_values ...")
        ->required()
        ->option_text("FILE");
    app.add_option("--out", options->out, "safetensors file to write")
        ->required()
        ->option_text("FILE");
    addMachine(app, options->machine);
    return [options] { return logits(*options); };
}

} // namespace tw::cli
