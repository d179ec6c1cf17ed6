// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/json.h"
#include "core/workbench/tools.h"
#include "core/workbench/workspace.h"

#include <iostream>
#include <optional>

namespace tw::cli {
namespace {

struct Options
{
    std::string model;
    std::vector<std::string> adapters;
    std::optional<std::string> prompt;
    std::vector<std::int64_t> ids;
    GenerateOptions generate;
    std::optional<double> temperature;
    bool greedy = false;
    bool json = false;
    MachineOptions machine;
};

int generate(Options& options)
{
    if (options.prompt.has_value() == !options.ids.empty())
        throw WrongUsage("generate needs exactly one of --prompt and --ids.");
    if (options.greedy && options.temperature)
        throw WrongUsage("--greedy and --temperature exclude each other.");
    options.generate.temperature = options.temperature.value_or(1.0);
    const bool samples =
        options.temperature || options.generate.topP < 1.0 || options.generate.topK > 0;
    options.generate.greedy = options.greedy || !samples;
    options.generate.promptIds = options.ids;
    const ModelRef model = resolveModel(options.model, options.adapters);
    Workspace workspace(options.machine.threads);
    const auto work = workspace.generate(model, options.prompt.value_or(""), options.generate);
    bool hasWritten = false;
    const Generated text = wait(work.job, OnInterrupt::StopAndKeep, [&] {
        for (const std::string& piece : work.feed->take()) {
            if (!options.json)
                std::cout << piece << std::flush;
            hasWritten = true;
        }
        return hasWritten;
    });
    if (options.json)
        printJson({{"ids", text.ids}, {"text", text.text}, {"tokens_per_s", text.tokensPerSecond}});
    else
        std::cout << '\n';
    return interrupts() > 0 ? kCancelled : kDone;
}

} // namespace

Action addGenerate(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    options->generate.chat = false;
    app.add_option("model", options->model, "Model folder, GGUF file or PROJECT#RUN[@STEP]")
        ->required()
        ->option_text("MODEL");
    addAdapters(app, options->adapters);
    app.add_option("--prompt", options->prompt, "Text to go on from")->option_text("T");
    app.add_option("--ids", options->ids, "Token ids to go on from: 1,2,3")
        ->delimiter(',')
        ->option_text("IDS");
    app.add_flag("--chat", options->generate.chat,
                 "The prompt is a message under the model's chat template");
    app.add_option("--system", options->generate.system, "System message, with --chat")
        ->option_text("T");
    app.add_option("--max-tokens", options->generate.maxTokens, "Tokens to write at most")
        ->check(CLI::Range(1, 1'000'000));
    app.add_flag("--greedy", options->greedy,
                 "Always the likeliest token; the default without sampling options");
    app.add_option("--temperature", options->temperature, "Sample at this temperature")
        ->check(CLI::Range(0.01, 100.0));
    app.add_option("--top-p", options->generate.topP,
                   "Sample from the likeliest tokens of this total probability")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--top-k", options->generate.topK, "Sample from the N likeliest tokens; 0: all")
        ->check(CLI::Range(0, 10'000'000));
    app.add_option("--seed", options->generate.seed, "Seed of the sampling");
    addJson(app, options->json);
    addMachine(app, options->machine);
    return [options] { return generate(*options); };
}

} // namespace tw::cli
