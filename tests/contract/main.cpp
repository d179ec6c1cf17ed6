// SPDX-License-Identifier: Apache-2.0
// Runs every contract check without Qt: what a GPU server can prove of a build.

#include "tests/contract/adaptation_checks.h"
#include "tests/contract/job_checks.h"
#include "tests/contract/layer_checks.h"
#include "tests/contract/objective_checks.h"
#include "tests/contract/setting_checks.h"
#include "tests/contract/team_checks.h"

#include <cstdio>
#include <exception>

namespace {

struct Totals
{
    int passed = 0;
    int failed = 0;
    int skipped = 0;
};

void runAll(const char* room, const tw::Checks& checks, Totals& totals)
{
    for (const auto& check : checks) {
        std::string seen;
        try {
            seen = check.run();
        } catch (const std::exception& error) {
            seen = std::string("it threw: ") + error.what();
        }
        const bool isSkipped = seen.rfind("skip: ", 0) == 0;
        ++(seen.empty() ? totals.passed : isSkipped ? totals.skipped : totals.failed);
        std::printf("%s: %s: %s%s\n",
                    seen.empty()    ? "PASS"
                        : isSkipped ? "SKIP"
                                    : "FAIL!",
                    room, check.name.c_str(), seen.empty() ? "" : (" (" + seen + ")").c_str());
    }
}

} // namespace

int main()
{
    Totals totals;
    runAll("job", tw::jobChecks(), totals);
    runAll("team", tw::teamChecks(), totals);
    runAll("layers", tw::layerChecks(), totals);
    runAll("settings", tw::settingChecks(), totals);
    runAll("adaptation", tw::adaptationChecks(), totals);
    runAll("objective", tw::objectiveChecks(), totals);
    std::printf("Totals: %d passed, %d failed, %d skipped\n", totals.passed, totals.failed,
                totals.skipped);
    return totals.failed == 0 ? 0 : 1;
}
