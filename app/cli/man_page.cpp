// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"

#include <CLI/CLI.hpp>

namespace tw::cli {
namespace {

/// Text as roff prints it: backslashes and leading dots mean something else there.
std::string escaped(const std::string& text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
            (out += "\\&") += c;
        else
            out += c;
    }
    return out;
}

std::string optionsOf(const CLI::App& app)
{
    std::string out;
    for (const CLI::Option* option : app.get_options()) {
        std::string name = option->get_name(false, true);
        if (option->get_items_expected_max() > 0 && !option->get_positional())
            name += " " + option->get_option_text();
        out += ".TP\n.B " + escaped(name) + "\n" + escaped(option->get_description()) + "\n";
    }
    return out;
}

} // namespace

std::string manPage(const CLI::App& app)
{
    std::string out = ".TH TUNEWRIGHT\\-CLI 1 \"\" \"Tunewright " TW_VERSION
                      "\" \"User Commands\"\n"
                      ".SH NAME\ntunewright\\-cli \\- "
        + escaped(app.get_description())
        + "\n.SH SYNOPSIS\n.B tunewright\\-cli\n.I command\n.RI [ options ]\n.SH OPTIONS\n"
        + optionsOf(app)
        + ".SH COMMANDS\n"
          "MODEL is a Hugging Face folder, a GGUF file, or a run of a project: PROJECT#RUN, "
          "optionally with @STEP.\n";
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
        out += ".SS " + escaped(sub->get_name()) + "\n" + escaped(sub->get_description()) + ".\n"
            + optionsOf(*sub);
    out += ".SH EXIT STATUS\n" + escaped(app.get_footer()) + "\n";
    return out;
}

} // namespace tw::cli
