// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/json.h"
#include "core/workbench/workspace.h"

namespace tw::cli {
namespace {

int doctor(const MachineOptions& machine, bool asJson)
{
    Workspace workspace(machine.threads);
    const AnalysisResult result = wait(workspace.doctor());
    if (asJson) {
        printJson(parseJson(toJsonText(result), "doctor"));
        return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const ResultTable& table : result.tables)
        rows.insert(rows.end(), table.rows.begin(), table.rows.end());
    for (const NamedNumber& number : result.numbers)
        rows.push_back({number.title,
                        numberText(number.value) + (number.unit.empty() ? "" : " " + number.unit)});
    printTable(rows);
    return kDone;
}

} // namespace

Action addDoctor(CLI::App& app)
{
    const auto machine = std::make_shared<MachineOptions>();
    const auto json = std::make_shared<bool>(false);
    addMachine(app, *machine);
    addJson(app, *json);
    return [machine, json] { return doctor(*machine, *json); };
}

} // namespace tw::cli
