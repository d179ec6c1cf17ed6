// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/lines.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/workbench/tools.h"
#include "core/workbench/workspace.h"

#include <cmath>
#include <iostream>

namespace tw::cli {
namespace {

struct Options
{
    std::string model;
    std::vector<std::string> adapters;
    std::string text;
    std::int64_t window = 0;
    std::int64_t stride = 0;
    bool json = false;
    MachineOptions machine;
};

int perplexity(const Options& options)
{
    if (options.window > 0 && options.stride > options.window)
        throw WrongUsage("--stride may not be larger than --window.");
    const ModelRef model = resolveModel(options.model, options.adapters);
    const std::string text = wholeText(options.text);
    Workspace workspace(options.machine.threads);
    const auto loss = wait(workspace.perplexity(model, text, options.window, options.stride));
    if (!std::isfinite(loss.nats))
        throw Error("The model's logits are no numbers (NaN), so its perplexity is none.",
                    "Are its weights damaged? `tunewright-cli inspect` lists them.");
    const double value = std::exp(loss.nats);
    if (options.json)
        printJson({{"nats_per_token", loss.nats}, {"perplexity", value}, {"tokens", loss.tokens}});
    else
        printTable({{"nats per token", numberText(loss.nats, 6)},
                    {"perplexity", numberText(value, 6)},
                    {"tokens", groupedDigits(loss.tokens)}});
    return kDone;
}

} // namespace

Action addPerplexity(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    app.add_option("model", options->model, "Model folder, GGUF file or PROJECT#RUN[@STEP]")
        ->required()
        ->option_text("MODEL");
    addAdapters(app, options->adapters);
    app.add_option("--text", options->text, "Text file; - reads stdin")
        ->required()
        ->option_text("FILE");
    app.add_option("--window", options->window,
                   "Tokens the model sees at once; 0: its context, 1024 at most")
        ->check(CLI::Range(0, 1'000'000));
    app.add_option("--stride", options->stride,
                   "Tokens by which the window moves on; 0: half the window")
        ->check(CLI::Range(0, 1'000'000));
    addJson(app, options->json);
    addMachine(app, options->machine);
    return [options] { return perplexity(*options); };
}

} // namespace tw::cli
