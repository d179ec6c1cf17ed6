// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/train/checkpoint.h"
#include "tests/core/train/lora_run.h"

#include <QTemporaryDir>
#include <QTest>

using namespace tw;

namespace {

TrainingState someState(std::int64_t step)
{
    return {step, 2 * step, 1234, 567, 1.0 / 3.0, 0xFFFFFFFFFFFFFFFF, 2, "all that counts"};
}

} // namespace

class TestCheckpoint : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theStateComesBackExactly()
    {
        const QTemporaryDir folder;
        LoraRun run;
        const auto path = writeCheckpoint(folder.path().toStdString(), someState(12), *run.adapter,
                                          *run.optimizer, "tiny");
        QCOMPARE(path.filename().string(), std::string("step-12"));
        QVERIFY(readState(path) == someState(12));
    }

    void onlyWholeCheckpointsAreFound()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        for (const char* name : {"step-3", "step-20", "step-", "step-4x", "other", "step-1.tmp"})
            std::filesystem::create_directory(path / name);
        writeFile(path / "step-7", "a file");
        QVERIFY(checkpointSteps(path) == (std::vector<std::int64_t> {3, 20}));
        QVERIFY(checkpointSteps(path / "nowhere").empty());
    }

    void damageIsFoundWhereverItIs_data()
    {
        QTest::addColumn<QString>("file");
        for (const char* name : {"adapter_config.json", "adapter_model.safetensors",
                                 "optimizer.safetensors", "state.json"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }

    void damageIsFoundWhereverItIs()
    {
        QFETCH(QString, file);
        const QTemporaryDir folder;
        LoraRun run;
        const auto path = writeCheckpoint(folder.path().toStdString(), someState(1), *run.adapter,
                                          *run.optimizer, "tiny");
        const auto damaged = path / file.toStdString();
        std::filesystem::resize_file(damaged, std::filesystem::file_size(damaged) - 5);
        QVERIFY_EXCEPTION_THROWN(readState(path), Error);
    }

    void theNewestAreKept()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        for (const char* name : {"step-9", "step-10", "step-100", "mine"})
            std::filesystem::create_directory(path / name);
        dropOldCheckpoints(path, 100, 2);
        QVERIFY(checkpointSteps(path) == (std::vector<std::int64_t> {10, 100}));
        QVERIFY(std::filesystem::exists(path / "mine"));
    }

    void whatWasPassedOverDoesNotPushOutWhatIsWhole()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        for (const char* name : {"step-4", "step-6", "step-7", "step-8", "step-9"})
            std::filesystem::create_directory(path / name);
        dropOldCheckpoints(path, 7, 2);
        QVERIFY(checkpointSteps(path) == (std::vector<std::int64_t> {6, 7, 8, 9}));
    }

    void theNewestWholeOneIsFoundAndTheDamagedOnesAreNamed()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        QVERIFY(newestWholeCheckpoint(path).folder.empty());
        LoraRun run;
        for (const std::int64_t step : {2, 4})
            writeCheckpoint(path, someState(step), *run.adapter, *run.optimizer, "tiny");
        std::filesystem::remove(path / "step-4" / "state.json");
        NewestCheckpoint newest = newestWholeCheckpoint(path);
        QCOMPARE(newest.folder.filename().string(), std::string("step-2"));
        QVERIFY(newest.state == someState(2));
        QCOMPARE(newest.passedOver.size(), std::size_t {1});
        QVERIFY(newest.passedOver.front().starts_with("step-4 is passed over."));
        std::filesystem::remove(path / "step-2" / "optimizer.safetensors");
        newest = newestWholeCheckpoint(path);
        QVERIFY(newest.folder.empty());
        QCOMPARE(newest.state.step, 0);
    }

    void aCheckpointOfAnotherAdapterChangesNothing()
    {
        const QTemporaryDir folder;
        LoraRun run;
        const auto path = writeCheckpoint(folder.path().toStdString(), someState(1), *run.adapter,
                                          *run.optimizer, "tiny");
        LoraRun other({{"rank", std::int64_t {2}}}, {});
        const at::Tensor before = other.adapter->parameters().front().second.detach().clone();
        QVERIFY_EXCEPTION_THROWN(restoreCheckpoint(path, *other.adapter, *other.optimizer), Error);
        QVERIFY(at::equal(other.adapter->parameters().front().second, before));
    }
};

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"
