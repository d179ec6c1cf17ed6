// SPDX-License-Identifier: Apache-2.0
#include "core/base/quick_team.h"

#include <QTest>

#include <algorithm>
#include <numeric>

using namespace tw;

namespace {

/// How often each piece was done.
std::vector<int> done(QuickTeam& team, std::int64_t threads, std::int64_t pieces)
{
    std::vector<int> counts(static_cast<std::size_t>(pieces));
    team.run(threads, pieces,
             [&](std::int64_t piece) { ++counts[static_cast<std::size_t>(piece)]; });
    return counts;
}

bool areAllOne(const std::vector<int>& counts)
{
    return std::all_of(counts.begin(), counts.end(), [](int count) { return count == 1; });
}

} // namespace

class TestQuickTeam : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyPieceIsDoneOnce()
    {
        QuickTeam team;
        for (int round = 0; round < 20'000; ++round) {
            const std::int64_t threads = 1 + round % 4;
            QVERIFY(areAllOne(done(team, threads, round % 13)));
        }
    }

    void helpersThatSleepAreWoken()
    {
        QuickTeam team;
        for (int round = 0; round < 20; ++round) {
            QVERIFY(areAllOne(done(team, 3, 50)));
            QTest::qSleep(2); // ten times as long as they stay awake
        }
    }

    void whoFindsItBusyWorksAlone()
    {
        QuickTeam team;
        std::vector<std::thread> users;
        std::atomic<int> wrong {0};
        for (int user = 0; user < 4; ++user)
            users.emplace_back([&] {
                for (int round = 0; round < 2'000; ++round)
                    wrong += areAllOne(done(team, 2, 9)) ? 0 : 1;
            });
        for (std::thread& user : users)
            user.join();
        QCOMPARE(wrong.load(), 0);
    }

    void workMayAskForMoreWork()
    {
        QuickTeam team;
        std::atomic<int> count {0};
        team.run(2, 4, [&](std::int64_t) { team.run(2, 5, [&](std::int64_t) { ++count; }); });
        QCOMPARE(count.load(), 20);
    }
};

QTEST_APPLESS_MAIN(TestQuickTeam)
#include "tst_quick_team.moc"
