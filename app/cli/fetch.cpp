// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/text.h"
#include "core/workbench/tools.h"
#include "core/workbench/workspace.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace tw::cli {
namespace {

/// Where people keep the token that Hugging Face gave them.
constexpr const char* kTokenVariable = "HF_TOKEN";

int fetch(FetchOptions options)
{
    if (options.folder.empty())
        options.folder = std::filesystem::path(options.name).filename().string();
    if (const char* token = std::getenv(kTokenVariable))
        options.token = token;
    Workspace workspace;
    const FetchSummary summary = wait(workspace.fetch(options));
    std::cerr << "Fetched " << summary.files << " files, " << bytesInWords(summary.bytes) << ", of "
              << options.name << " at " << summary.commit.substr(0, 12) << "." << std::endl;
    std::cout << summary.folder << std::endl;
    return kDone;
}

} // namespace

Action addFetch(CLI::App& app)
{
    const auto options = std::make_shared<FetchOptions>();
    app.add_option("name", options->name, "Model, e.g. HuggingFaceTB/SmolLM2-135M-Instruct")
        ->required()
        ->option_text("OWNER/NAME");
    app.add_option("--out", options->folder, "Folder to fetch into; the model's name if left out")
        ->option_text("DIR");
    app.add_option("--files", options->files,
                   "Only files with such names, e.g. '*Q4_K_M.gguf'; what opening the model needs "
                   "if left out")
        ->option_text("PATTERN");
    app.add_option("--revision", options->revision, "Branch, tag or commit")
        ->capture_default_str()
        ->option_text("NAME");
    app.add_option("--endpoint", options->endpoint, "Server that speaks as huggingface.co does")
        ->capture_default_str()
        ->option_text("URL");
    app.footer("The one command that uses the network. Called again, it goes on where it ended. A "
               "token for models that ask for an account is taken from HF_TOKEN.");
    return [options] { return fetch(*options); };
}

} // namespace tw::cli
