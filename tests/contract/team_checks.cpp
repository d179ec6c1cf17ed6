// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/team_checks.h"

#include "core/base/quick_team.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace tw {
namespace {

/// Whether each piece was done exactly once.
bool isDoneOnce(QuickTeam& team, std::int64_t threads, std::int64_t pieces)
{
    std::vector<int> counts(static_cast<std::size_t>(pieces));
    team.run(threads, pieces,
             [&](std::int64_t piece) { ++counts[static_cast<std::size_t>(piece)]; });
    return std::all_of(counts.begin(), counts.end(), [](int count) { return count == 1; });
}

std::string everyPieceIsDoneOnce()
{
    QuickTeam team;
    for (int round = 0; round < 20'000; ++round)
        if (!isDoneOnce(team, 1 + round % 4, round % 13))
            return "round " + std::to_string(round) + " left a piece or did one twice";
    return {};
}

std::string helpersThatSleepAreWoken()
{
    QuickTeam team;
    for (int round = 0; round < 20; ++round) {
        if (!isDoneOnce(team, 3, 50))
            return "round " + std::to_string(round) + " left a piece or did one twice";
        // Nothing tells that a helper has gone to sleep; this is ten times as long as it stays
        // awake.
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return {};
}

std::string whoFindsItBusyWorksAlone()
{
    QuickTeam team;
    std::atomic<int> wrong {0};
    std::vector<std::thread> users;
    for (int user = 0; user < 4; ++user)
        users.emplace_back([&] {
            for (int round = 0; round < 2'000; ++round)
                wrong += isDoneOnce(team, 2, 9) ? 0 : 1;
        });
    for (std::thread& user : users)
        user.join();
    return wrong == 0 ? std::string() : std::to_string(wrong) + " rounds went wrong";
}

std::string workMayAskForMoreWork()
{
    QuickTeam team;
    std::atomic<int> count {0};
    team.run(2, 4, [&](std::int64_t) { team.run(2, 5, [&](std::int64_t) { ++count; }); });
    return count == 20 ? std::string()
                       : "20 pieces were asked for, " + std::to_string(count) + " done";
}

} // namespace

const Checks& teamChecks()
{
    static const Checks checks {
        {"every piece is done once", everyPieceIsDoneOnce},
        {"helpers that sleep are woken", helpersThatSleepAreWoken},
        {"who finds it busy works alone", whoFindsItBusyWorksAlone},
        {"work may ask for more work", workMayAskForMoreWork},
    };
    return checks;
}

} // namespace tw
