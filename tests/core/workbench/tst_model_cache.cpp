// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/workspace_state.h"

#include <QTest>

#include <future>

using namespace tw;

class TestModelCache : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aModelIsLoadedOnce()
    {
        ModelCache cache;
        JobControl control;
        const auto first = cache.get(kRef, control);
        QVERIFY(cache.get(kRef, control) == first);
    }

    void waitingForAModelInUseCanBeCancelled()
    {
        ModelCache cache;
        JobControl control;
        const ModelLease inUse(cache.get(kRef, control), kRef, control);
        JobControl other;
        auto waiting = std::async(std::launch::async, [&] {
            const ModelLease lease(cache.get(kRef, other), kRef, other);
        });
        other.cancel();
        QVERIFY_THROWS_EXCEPTION(Cancelled, waiting.get());
    }

private:
    inline static const ModelRef kRef {TW_FIXTURES "/experiment/tiny", {}, {}};
};

QTEST_GUILESS_MAIN(TestModelCache)
#include "tst_model_cache.moc"
