// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/lines.h"
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
    std::string format = "huggingface";
    std::string type = "F16";
    std::string out;
    std::string prompts;
    bool json = false;
    MachineOptions machine;
};

std::vector<std::string> promptsFrom(const std::string& file)
{
    std::vector<std::string> prompts;
    if (!file.empty())
        eachLine(file, [&](const std::string& line, std::int64_t) { prompts.push_back(line); });
    return prompts;
}

int print(const SharedModel& shared, const Options& options)
{
    if (options.json)
        printJson({{"out", options.out},
                   {"bytes", shared.bytes},
                   {"positions", shared.positions},
                   {"largest_difference", shared.largestDifference}});
    else
        printTable({{"written", options.out},
                    {"size", bytesInWords(shared.bytes)},
                    {"loaded again, compared at", groupedDigits(shared.positions) + " positions"},
                    {"largest difference of logits", numberText(shared.largestDifference, 3)}});
    return kDone;
}

int share(const Options& options)
{
    const ModelRef model = resolveModel(options.model, options.adapters);
    const auto prompts = promptsFrom(options.prompts);
    Workspace workspace(options.machine.threads);
    if (options.format == "gguf")
        return print(wait(workspace.exportGguf(model, options.type, options.out, prompts)),
                     options);
    if (options.format == "peft")
        return print(wait(workspace.exportAdapter(model, options.out, prompts)), options);
    return print(wait(workspace.mergeModel(model, options.out, prompts)), options);
}

void addCommon(CLI::App& app, Options& options)
{
    app.add_option("model", options.model, "Model folder, GGUF file or PROJECT#RUN[@STEP]")
        ->required()
        ->option_text("MODEL");
    addAdapters(app, options.adapters);
    app.add_option("--out", options.out, "Folder to write; it may not hold anything yet")
        ->required()
        ->option_text("DIR");
    app.add_option("--prove", options.prompts,
                   "Text file, one prompt a line, that the written model is compared on")
        ->option_text("PROMPTS");
    addJson(app, options.json);
    addMachine(app, options.machine);
}

} // namespace

Action addMerge(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    addCommon(app, *options);
    return [options] { return share(*options); };
}

Action addExport(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    addCommon(app, *options);
    app.add_option("--format", options->format,
                   "peft: the adapter alone; huggingface: the model with its adapters merged in; "
                   "gguf: the same as one file for llama.cpp and its kin")
        ->required()
        ->check(CLI::IsMember({"peft", "huggingface", "gguf"}));
    app.add_option("--dtype", options->type, "What matrices become in a GGUF file")
        ->check(CLI::IsMember(Workspace::ggufTypes()))
        ->capture_default_str();
    return [options] { return share(*options); };
}

} // namespace tw::cli
