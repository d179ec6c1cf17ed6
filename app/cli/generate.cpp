// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/lines.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/json.h"
#include "core/workbench/tools.h"
#include "core/workbench/workspace.h"

#include <iostream>
#include <map>
#include <optional>

namespace tw::cli {
namespace {

struct Options
{
    std::string model;
    std::vector<std::string> adapters;
    std::optional<std::string> prompt;
    std::string prompts;
    std::vector<std::int64_t> ids;
    GenerateOptions generate;
    std::optional<double> temperature;
    bool greedy = false;
    BeamOptions beams {1};
    std::string beamStop = "heuristic";
    std::string weights = "float32";
    bool json = false;
    MachineOptions machine;
};

const std::map<std::string, BeamStop> kBeamStops {{"heuristic", BeamStop::Heuristic},
                                                  {"when-full", BeamStop::WhenFull},
                                                  {"never", BeamStop::Never}};
const std::map<std::string, std::optional<PackedKind>> kWeights {
    {"float32", std::nullopt}, {"bfloat16", PackedKind::Bfloat16}, {"int8", PackedKind::Int8}};

void checkTogether(const Options& options)
{
    const int sources =
        int(options.prompt.has_value()) + int(!options.ids.empty()) + int(!options.prompts.empty());
    if (sources != 1)
        throw WrongUsage("generate needs exactly one of --prompt, --prompts and --ids.");
    if (options.greedy && options.temperature)
        throw WrongUsage("--greedy and --temperature exclude each other.");
}

/// Reads what belongs together into what the workbench takes.
GenerateOptions optionsFrom(const Options& given)
{
    GenerateOptions options = given.generate;
    options.temperature = given.temperature.value_or(1.0);
    const bool samples =
        given.temperature || options.topP < 1.0 || options.topK > 0 || options.minP > 0.0;
    options.greedy = given.greedy || !samples;
    options.promptIds = given.ids;
    options.weights = kWeights.at(given.weights);
    if (given.beams.beams > 1) {
        options.beams = given.beams;
        options.beams->stop = kBeamStops.at(given.beamStop);
    }
    return options;
}

Json jsonOf(const Generated& text)
{
    return {{"ids", text.ids}, {"text", text.text}, {"tokens_per_s", text.tokensPerSecond}};
}

int generateOne(Workspace& workspace, const ModelRef& model, const Options& options)
{
    const auto work = workspace.generate(model, options.prompt.value_or(""), optionsFrom(options));
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
        printJson(jsonOf(text));
    else
        std::cout << '\n';
    return interrupts() > 0 ? kCancelled : kDone;
}

/// One prompt a line; what is written comes as a line of JSON for each.
int generateLines(Workspace& workspace, const ModelRef& model, const Options& options)
{
    std::vector<std::string> prompts;
    eachLine(options.prompts,
             [&](const std::string& line, std::int64_t) { prompts.push_back(line); });
    const auto work = workspace.generateAll(model, prompts, optionsFrom(options));
    wait(work.job, OnInterrupt::StopAndKeep, [&] {
        const std::vector<GeneratedRow> rows = work.feed->take();
        for (const GeneratedRow& row : rows) {
            Json line = jsonOf(row.text);
            line["prompt"] = prompts[static_cast<std::size_t>(row.row)];
            std::cout << line.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
        }
        return !rows.empty();
    });
    return interrupts() > 0 ? kCancelled : kDone;
}

int generate(const Options& options)
{
    checkTogether(options);
    const ModelRef model = resolveModel(options.model, options.adapters);
    Workspace workspace(options.machine.threads);
    return options.prompts.empty() ? generateOne(workspace, model, options)
                                   : generateLines(workspace, model, options);
}

void addSampling(CLI::App& app, Options& options)
{
    app.add_flag("--greedy", options.greedy,
                 "Always the likeliest token; the default without sampling options");
    app.add_option("--temperature", options.temperature, "Sample at this temperature")
        ->check(CLI::Range(0.01, 100.0));
    app.add_option("--top-p", options.generate.topP,
                   "Sample from the likeliest tokens of this total probability")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--top-k", options.generate.topK, "Sample from the N likeliest tokens; 0: all")
        ->check(CLI::Range(0, 10'000'000));
    app.add_option("--min-p", options.generate.minP,
                   "Sample from tokens with this share of the likeliest one's probability")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--repetition-penalty", options.generate.repetitionPenalty,
                   "Makes tokens that stand in the text already less likely; 1: does not")
        ->check(CLI::Range(0.01, 100.0));
    app.add_option("--seed", options.generate.seed, "Seed of the sampling");
}

void addBeams(CLI::App& app, Options& options)
{
    app.add_option("--beams", options.beams.beams,
                   "Follow the N likeliest texts instead of one (beam search)")
        ->check(CLI::Range(1, 256));
    app.add_option("--length-penalty", options.beams.lengthPenalty,
                   "Beam search: above 0 favours long answers, below 0 short ones");
    app.add_option("--early-stopping", options.beamStop,
                   "Beam search ends: heuristic (when no running text would win now), when-full "
                   "(as soon as N texts have ended) or never (when none can win any more)")
        ->check(CLI::IsMember({"heuristic", "when-full", "never"}))
        ->option_text("WHEN");
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
    app.add_option("--prompts", options->prompts,
                   "File with one text to go on from in each line; several are written at once")
        ->option_text("FILE");
    app.add_option("--ids", options->ids, "Token ids to go on from: 1,2,3")
        ->delimiter(',')
        ->option_text("IDS");
    app.add_flag("--chat", options->generate.chat,
                 "The prompt is a message under the model's chat template");
    app.add_option("--system", options->generate.system, "System message, with --chat")
        ->option_text("T");
    app.add_option("--max-tokens", options->generate.maxTokens, "Tokens to write at most")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--stop", options->generate.stops,
                   "The answer ends behind this text; may be given several times")
        ->option_text("T")
        ->allow_extra_args(false);
    addSampling(app, *options);
    addBeams(app, *options);
    app.add_option("--weights", options->weights,
                   "What the weights are rounded to while writing: float32, bfloat16 or int8; "
                   "fewer bytes are faster")
        ->check(CLI::IsMember({"float32", "bfloat16", "int8"}))
        ->option_text("KIND");
    addJson(app, options->json);
    addMachine(app, options->machine);
    return [options] { return generate(*options); };
}

} // namespace tw::cli
