// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tw::cli {

/// What a command does once its arguments are read; returns the program's exit code.
using Action = std::function<int()>;

/// A row of the table that help and man page are made from.
struct Command
{
    const char* name;
    const char* summary;
    Action (*add)(CLI::App& app); ///< declares the options
    bool sharesLoops = false; ///< among threads, which should sleep while they wait
};

const std::vector<Command>& commands();

Action addInspect(CLI::App& app);
Action addDescribe(CLI::App& app);
Action addTokenize(CLI::App& app);
Action addTemplate(CLI::App& app);
Action addLogits(CLI::App& app);
Action addGenerate(CLI::App& app);
Action addPerplexity(CLI::App& app);
Action addCheck(CLI::App& app);
Action addRun(CLI::App& app);
Action addResume(CLI::App& app);
Action addRuns(CLI::App& app);
Action addCurves(CLI::App& app);
Action addXray(CLI::App& app);
Action addConvert(CLI::App& app);
Action addFetch(CLI::App& app);
Action addMerge(CLI::App& app);
Action addExport(CLI::App& app);
Action addReport(CLI::App& app);
Action addSample(CLI::App& app);
Action addDoctor(CLI::App& app);

/// The manual page, in roff, of the whole program.
std::string manPage(const CLI::App& app);

/// Exit codes, as the manual page promises them.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kCancelled = 3;

} // namespace tw::cli
