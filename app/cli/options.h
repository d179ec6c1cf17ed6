// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace tw::cli {

// Options that several commands share, with the same words everywhere.

struct MachineOptions
{
    std::string device = "auto";
    std::int64_t threads = 0;
};
void addMachine(CLI::App& app, MachineOptions& options);

void addJson(CLI::App& app, bool& json);
void addProject(CLI::App& app, std::string& folder);
void addAdapters(CLI::App& app, std::vector<std::string>& adapters);

} // namespace tw::cli
