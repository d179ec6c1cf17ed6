// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/workbench/workspace.h"

#include <iostream>

namespace tw::cli {
namespace {

struct Options
{
    std::string document;
    bool json = false;
    MachineOptions machine;
};

Json json(const Problems& problems)
{
    Json list = Json::array();
    for (const Problem& problem : problems)
        list.push_back({{"field", problem.field},
                        {"what", problem.what},
                        {"hint", problem.hint},
                        {"warning", problem.isWarning}});
    return list;
}

Json json(const ProofSummary& proof)
{
    return {{"rows", proof.rows},
            {"tokens", proof.tokens},
            {"trained_tokens", proof.trainedTokens},
            {"failed", proof.failed},
            {"truncated", proof.truncated},
            {"nothing_trained", proof.nothingTrained},
            {"duplicates", proof.duplicates},
            {"leaked", proof.leaked},
            {"first_failure", proof.firstFailure}};
}

Json json(const Plan& plan)
{
    return {{"trained_parameters", plan.trainedParameters},
            {"total_parameters", plan.totalParameters},
            {"weights_bytes", plan.weightsBytes},
            {"adapter_bytes", plan.adapterBytes},
            {"gradient_bytes", plan.gradientBytes},
            {"optimizer_bytes", plan.optimizerBytes},
            {"activation_bytes", plan.activationBytes},
            {"program_bytes", plan.programBytes},
            {"total_bytes", plan.totalBytes()},
            {"seconds", plan.seconds < 0 ? Json() : Json(plan.seconds)}};
}

std::string proofText(const ProofSummary& proof)
{
    return groupedDigits(proof.rows) + " rows, " + groupedDigits(proof.tokens) + " tokens, "
        + groupedDigits(proof.trainedTokens) + " of them trained; failed "
        + std::to_string(proof.failed.size()) + ", cut " + std::to_string(proof.truncated.size())
        + ", nothing trained " + std::to_string(proof.nothingTrained.size()) + ", duplicates "
        + std::to_string(proof.duplicates.size());
}

void print(const CheckReport& report)
{
    for (const Problem& problem : report.problems)
        std::cout << (problem.isWarning ? "warning: " : "error: ") << problem.field << ": "
                  << problem.what << (problem.hint.empty() ? "" : " ") << problem.hint << '\n';
    std::vector<std::vector<std::string>> rows;
    if (report.train.rows > 0)
        rows.push_back({"training", proofText(report.train)});
    if (report.heldOut.rows > 0)
        rows.push_back({"held out", proofText(report.heldOut)});
    if (report.plan.totalParameters > 0) {
        const Plan& plan = report.plan;
        rows.push_back({"trained",
                        groupedDigits(plan.trainedParameters) + " of "
                            + groupedDigits(plan.totalParameters) + " parameters"});
        rows.push_back(
            {"memory",
             bytesInWords(plan.totalBytes()) + " (weights " + bytesInWords(plan.weightsBytes)
                 + ", activations " + bytesInWords(plan.activationBytes)
                 + ", adapter with gradients and optimiser "
                 + bytesInWords(plan.adapterBytes + plan.gradientBytes + plan.optimizerBytes)
                 + ", program " + bytesInWords(plan.programBytes) + ")"});
        if (plan.seconds >= 0)
            rows.push_back({"time", clockText(plan.seconds)});
    }
    printTable(rows);
    std::cout << (blocks(report.problems) ? "This experiment cannot run yet." : "Ready to run.")
              << '\n';
}

int check(const Options& options)
{
    const ParsedExperiment parsed = parseExperimentFile(options.document);
    Workspace workspace(options.machine.threads);
    CheckReport report = wait(workspace.check(parsed.experiment));
    report.problems.insert(report.problems.begin(), parsed.problems.begin(), parsed.problems.end());
    if (options.json)
        printJson({{"ready", !blocks(report.problems)},
                   {"problems", json(report.problems)},
                   {"train", json(report.train)},
                   {"held_out", json(report.heldOut)},
                   {"plan", json(report.plan)}});
    else
        print(report);
    return blocks(report.problems) ? kFailed : kDone;
}

} // namespace

Action addCheck(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    app.add_option("experiment", options->document, "Experiment document")
        ->required()
        ->option_text("EXPERIMENT.json");
    addJson(app, options->json);
    addMachine(app, options->machine);
    return [options] { return check(*options); };
}

} // namespace tw::cli
