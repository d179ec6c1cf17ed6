// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"

namespace tw::cli {
namespace {

std::string deviceProblem(const std::string& device)
{
    if (device == "auto" || device == "cpu")
        return {};
    if (device.rfind("cuda:", 0) == 0)
        return "this build computes on the CPU only; leave --device out";
    return "has to be auto, cpu or cuda:N";
}

} // namespace

void addMachine(CLI::App& app, MachineOptions& options)
{
    app.add_option("--device", options.device, "auto, cpu or cuda:N")
        ->check(CLI::Validator(deviceProblem, "DEVICE"));
    app.add_option("--threads", options.threads, "Threads to compute with; 0: all")
        ->check(CLI::Range(0, 1024));
}

void addJson(CLI::App& app, bool& json)
{
    app.add_flag("--json", json, "Print JSON and nothing else on stdout");
}

void addProject(CLI::App& app, std::string& folder)
{
    app.add_option("--project", folder, "Project folder")->required()->option_text("DIR");
}

void addAdapters(CLI::App& app, std::vector<std::string>& adapters)
{
    app.add_option("--adapter", adapters, "Lay an adapter over the model (repeatable)")
        ->option_text("DIR")
        ->take_all()
        ->expected(1)
        ->allow_extra_args(false);
}

} // namespace tw::cli
