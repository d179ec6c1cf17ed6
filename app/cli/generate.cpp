// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/lines.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/workbench/tools.h"
#include "core/workbench/workspace.h"

#include <charconv>
#include <iostream>
#include <map>
#include <optional>
#include <utility>

namespace tw::cli {
namespace {

struct Options
{
    std::string model;
    std::vector<std::string> adapters;
    std::optional<std::string> prompt;
    std::string prompts;
    std::vector<std::string> ids; ///< as they were typed
    GenerateOptions generate;
    bool greedy = false;
    // Nothing where they are not given: some options are for nothing beside others.
    std::optional<double> temperature;
    std::optional<double> topP;
    std::optional<std::int64_t> topK;
    std::optional<double> minP;
    std::optional<std::string> system;
    std::int64_t beams = 1;
    std::optional<double> lengthPenalty;
    std::optional<std::string> beamStop;
    std::string weights = "float32";
    bool json = false;
    MachineOptions machine;
};

const std::map<std::string, BeamStop> kBeamStops {{"heuristic", BeamStop::Heuristic},
                                                  {"when-full", BeamStop::WhenFull},
                                                  {"never", BeamStop::Never}};
const std::map<std::string, std::optional<PackedKind>> kWeights {
    {"float32", std::nullopt}, {"bfloat16", PackedKind::Bfloat16}, {"int8", PackedKind::Int8}};

void refuseIf(bool isWrong, const std::string& why)
{
    if (isWrong)
        throw WrongUsage(why);
}

/// An option that would change nothing was meant to change something.
void checkTogether(const Options& given)
{
    const int sources =
        int(given.prompt.has_value()) + int(!given.ids.empty()) + int(!given.prompts.empty());
    refuseIf(sources != 1, "generate needs exactly one of --prompt, --prompts and --ids.");
    const std::pair<const char*, bool> forSampling[] {
        {"--temperature", given.temperature.has_value()},
        {"--top-p", given.topP.has_value()},
        {"--top-k", given.topK.has_value()},
        {"--min-p", given.minP.has_value()}};
    for (const auto& [name, isGiven] : forSampling)
        refuseIf(given.greedy && isGiven,
                 "--greedy and " + std::string(name) + " exclude each other.");
    refuseIf(given.beams < 2 && given.lengthPenalty,
             "--length-penalty needs --beams, with more than one.");
    refuseIf(given.beams < 2 && given.beamStop,
             "--early-stopping needs --beams, with more than one.");
    refuseIf(given.system && !given.generate.chat, "--system needs --chat.");
    refuseIf(given.generate.chat && !given.ids.empty(),
             "--chat and --ids exclude each other: ids are taken as they are.");
}

/// "1,2,3", or one id for each argument.
std::vector<std::int64_t> idsFrom(const std::vector<std::string>& typed)
{
    std::vector<std::int64_t> ids;
    for (const std::string& list : typed) {
        for (const std::string& piece : split(list, ',')) {
            const std::string digits = trimmed(piece);
            std::int64_t id = -1;
            const auto [end, code] =
                std::from_chars(digits.data(), digits.data() + digits.size(), id);
            refuseIf(code != std::errc() || end != digits.data() + digits.size() || id < 0,
                     "--ids: \"" + repairedUtf8(piece)
                         + "\" is no token id. Write whole numbers: --ids 1,2,3");
            ids.push_back(id);
        }
    }
    return ids;
}

/// Reads what belongs together into what the workbench takes.
GenerateOptions optionsFrom(const Options& given)
{
    GenerateOptions options = given.generate;
    options.greedy = !given.temperature && !given.topP && !given.topK && !given.minP;
    options.temperature = given.temperature.value_or(options.temperature);
    options.topP = given.topP.value_or(options.topP);
    options.topK = given.topK.value_or(options.topK);
    options.minP = given.minP.value_or(options.minP);
    options.system = given.system.value_or("");
    options.promptIds = idsFrom(given.ids);
    options.weights = kWeights.at(given.weights);
    if (given.beams > 1) {
        BeamOptions beams {given.beams};
        beams.lengthPenalty = given.lengthPenalty.value_or(beams.lengthPenalty);
        if (given.beamStop)
            beams.stop = kBeamStops.at(*given.beamStop);
        options.beams = beams;
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

std::vector<std::string> promptsIn(const std::string& file)
{
    std::vector<std::string> prompts;
    eachLine(file, [&](const std::string& line, std::int64_t number) {
        if (!isUtf8(line))
            throw Error(file + " line " + std::to_string(number) + ": is not UTF-8.",
                        "Save the file as UTF-8.");
        prompts.push_back(line);
    });
    if (prompts.empty())
        throw Error(file + " is empty.", "Write one prompt in each line.");
    return prompts;
}

/// One prompt a line; what is written comes as a line of JSON for each.
int generateLines(Workspace& workspace, const ModelRef& model, const Options& options)
{
    const std::vector<std::string> prompts = promptsIn(options.prompts);
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
    idsFrom(options.ids); // before a model is looked for
    const ModelRef model = resolveModel(options.model, options.adapters);
    Workspace workspace(options.machine.threads);
    return options.prompts.empty() ? generateOne(workspace, model, options)
                                   : generateLines(workspace, model, options);
}

std::string shareProblem(const std::string& text)
{
    double share = 0.0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), share);
    const bool isNumber = code == std::errc() && end == text.data() + text.size();
    return isNumber && share > 0.0 && share <= 1.0
        ? std::string()
        : "Value " + text + " is not above 0 and at most 1";
}

void addSampling(CLI::App& app, Options& options)
{
    app.add_flag("--greedy", options.greedy,
                 "Always the likeliest token; the default without sampling options");
    app.add_option("--temperature", options.temperature, "Sample at this temperature")
        ->check(CLI::Range(0.01, 100.0));
    app.add_option("--top-p", options.topP,
                   "Sample from the likeliest tokens of this total probability")
        ->check(CLI::Validator(shareProblem, "FLOAT above 0, up to 1"));
    app.add_option("--top-k", options.topK, "Sample from the N likeliest tokens; 0: all")
        ->check(CLI::Range(0, 10'000'000));
    app.add_option("--min-p", options.minP,
                   "Sample from tokens with this share of the likeliest one's probability")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--repetition-penalty", options.generate.repetitionPenalty,
                   "Makes tokens that stand in the text already less likely; 1: does not")
        ->check(CLI::Range(0.01, 100.0));
    app.add_option("--seed", options.generate.seed, "Seed of the sampling");
}

void addBeams(CLI::App& app, Options& options)
{
    app.add_option("--beams", options.beams,
                   "Follow the N likeliest texts instead of one (beam search)")
        ->check(CLI::Range(1, 256));
    app.add_option("--length-penalty", options.lengthPenalty,
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
    app.add_option("--ids", options->ids, "Token ids to go on from: 1,2,3")->option_text("IDS");
    app.add_flag("--chat", options->generate.chat,
                 "The prompt is a message under the model's chat template");
    app.add_option("--system", options->system, "System message, with --chat")->option_text("T");
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
