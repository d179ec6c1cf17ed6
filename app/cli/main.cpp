// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "core/base/allocator.h"
#include "core/base/error.h"
#include "core/base/waiting_threads.h"
#include "core/job/failure.h"

#include <CLI/CLI.hpp>
#include <iostream>

namespace {

using namespace tw;

int say(const std::string& what, const std::string& hint)
{
    std::cerr << "tunewright-cli: " << what << (hint.empty() ? "" : " ") << hint << std::endl;
    return cli::kFailed;
}

/// Reads the arguments and runs the one command they name. CLI11 answers --help and wrong usage.
int runProgram(int argc, char** argv)
{
    CLI::App app("Tunewright in the terminal: fine-tune a model, look at what changed, report it.",
                 "tunewright-cli");
    app.require_subcommand(0, 1);
    app.set_version_flag("--version", std::string("tunewright-cli ") + TW_VERSION);
    bool wantsManPage = false;
    app.add_flag("--man-page", wantsManPage, "Print the manual page (roff)");
    app.footer("Exit codes: 0 done, 1 the work failed, 2 wrong usage, 3 cancelled (what was "
               "finished is kept).");
    struct Offered
    {
        CLI::App* sub;
        cli::Action action;
        bool sharesLoops;
    };
    std::vector<Offered> all;
    for (const cli::Command& command : cli::commands()) {
        CLI::App* sub = app.add_subcommand(command.name, command.summary);
        all.push_back({sub, command.add(*sub), command.sharesLoops});
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? cli::kDone : cli::kWrongUsage;
    }
    if (wantsManPage) {
        std::cout << cli::manPage(app);
        return cli::kDone;
    }
    for (const Offered& offered : all) {
        if (!offered.sub->parsed())
            continue;
        if (offered.sharesLoops) // others need no restart
            letWaitingThreadsSleep(argv);
        return offered.action();
    }
    std::cout << app.help();
    return cli::kWrongUsage;
}

} // namespace

int main(int argc, char** argv)
{
    tuneAllocator();
    cli::watchInterrupts();
    try {
        const int code = runProgram(argc, argv);
        std::cout.flush();
        return std::cout.good() ? code
                                : say("Cannot write to the standard output.",
                                      "Is the disk full, or was the pipe closed?");
    } catch (const cli::WrongUsage& error) {
        std::cerr << "tunewright-cli: " << error.what() << std::endl;
        return cli::kWrongUsage;
    } catch (const Cancelled&) {
        std::cerr << "tunewright-cli: cancelled." << std::endl;
        return cli::kCancelled;
    } catch (const std::exception& error) {
        const Failure failure = failureOf(error);
        return say(failure.what, failure.hint);
    }
}
