// SPDX-License-Identifier: Apache-2.0
#include "app/gui/job_watcher.h"
#include "app/gui/pages/data/data_rows_model.h"
#include "app/gui/pages/data/proof_in_words.h"
#include "app/gui/pages/data/row_cache.h"
#include "app/gui/pages/models/tensor_tree.h"
#include "app/gui/pages/tune/draft_editor.h"
#include "app/gui/pages/tune/layer_range.h"
#include "app/gui/pages/tune/ready_card.h"
#include "app/gui/pages/tune/settings_in_words.h"
#include "app/gui/session.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QSignalSpy>
#include <QtTest>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <thread>

using namespace tw;

class TstPageParts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void layersAreReadAndWritten_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("shortest");
        QTest::newRow("all") << "0-29"
                             << "0-29";
        QTest::newRow("single ones") << "3,5"
                                     << "3,5";
        QTest::newRow("neighbours join") << "3,4,5,9"
                                         << "3-5,9";
        QTest::newRow("beyond the last block") << "28-40"
                                               << "28-29";
        QTest::newRow("none") << ""
                              << "";
        QTest::newRow("spaces") << " 1 , 2 - 4"
                                << "1-4";
    }
    void layersAreReadAndWritten()
    {
        QFETCH(QString, text);
        QFETCH(QString, shortest);
        QCOMPARE(layersText(layersFrom(text.toStdString(), 30)), shortest.toStdString());
    }

    void theTensorTreeKeepsQtsRulesAndCountsBytes()
    {
        TensorTree tree;
        const QAbstractItemModelTester tester(
            &tree, QAbstractItemModelTester::FailureReportingMode::QtTest);
        tree.setTensors({{"model.embed_tokens.weight", "bf16", {100, 8}, 1600},
                         {"model.layers.0.mlp.up.weight", "bf16", {16, 8}, 256},
                         {"model.layers.0.mlp.down.weight", "bf16", {8, 16}, 256},
                         {"model.layers.1.mlp.up.weight", "bf16", {16, 8}, 256}});
        QCOMPARE(tree.rowCount(), 1);
        const QModelIndex model = tree.index(0, 0);
        QCOMPARE(model.data().toString(), QStringLiteral("model"));
        QCOMPARE(model.siblingAtColumn(3).data().toString(), QStringLiteral("2.37 KB"));
        const QModelIndex down = tree.find("model.layers.0.mlp.down.weight");
        QVERIFY(down.isValid());
        QCOMPARE(tree.tensor(down)->shape, (std::vector<std::int64_t> {8, 16}));
        QVERIFY(tree.tensor(down.parent()) == nullptr);
        QVERIFY(!tree.find("model.layers.7.mlp.up.weight").isValid());
        tree.setTensors({});
        QCOMPARE(tree.rowCount(), 0);
    }

    void theTensorTreeCountsLayersInTheirOrder()
    {
        TensorTree tree;
        tree.setTensors({{"layers.0.a.weight", "bf16", {2}, 4},
                         {"layers.10.a.weight", "bf16", {2}, 4},
                         {"layers.2.a.weight", "bf16", {2}, 4}});
        const QModelIndex layers = tree.index(0, 0);
        QStringList names;
        for (int row = 0; row < tree.rowCount(layers); ++row)
            names << tree.index(row, 0, layers).data().toString();
        QCOMPARE(names.size(), 3);
        QVERIFY(names[0].startsWith(QLatin1Char('0')));
        QVERIFY(names[1].startsWith(QLatin1Char('2')));
        QVERIFY(names[2].startsWith(QStringLiteral("10")));
    }

    void theRowsOfACounterCanBeShownAlone()
    {
        Session session;
        RowCache cache(session, nullptr);
        DataRowsModel rows(cache, DataRowsModel::Kind::Tokens, nullptr);
        const QAbstractItemModelTester tester(
            &rows, QAbstractItemModelTester::FailureReportingMode::QtTest);
        DatasetSummary dataset;
        dataset.rows = 1000;
        dataset.columns = {{"question", "prompt", 0}, {"answer", "answer", 0}};
        rows.setDataset(dataset);
        rows.setLengths(std::vector<std::int32_t>(1000, 12));
        QCOMPARE(rows.rowCount(), 1000);
        rows.setSubset({3, 500});
        QCOMPARE(rows.rowCount(), 2);
        QCOMPARE(rows.rowNumber(1), 500);
        QCOMPARE(rows.modelRow(500), 1);
        QCOMPARE(rows.modelRow(4), -1);
        QCOMPARE(rows.index(1, 2).data().toString(), QStringLiteral("12"));
    }

    void partsOfARowAreNamedAndTokensShowTheirLabels()
    {
        RowTokens row;
        row.tokens = {{1, "Hi", TokenView::Kind::Prompt, false, false, {}},
                      {2, " yes", TokenView::Kind::Answer, true, false, {}},
                      {1, "Hi", TokenView::Kind::Prompt, false, false, "B-PER"}};
        row.parts = {{"chosen", 0}, {"rejected", 2}};
        const std::vector<FlowToken> flow = flowTokens(row);
        QCOMPARE(flow.size(), std::size_t {5});
        QVERIFY(flow[0].isTemplate);
        QVERIFY(flow[0].text.startsWith(QStringLiteral("chosen")));
        QVERIFY(flow[3].text.contains(QStringLiteral("rejected")));
        QCOMPARE(flow[4].note, QStringLiteral("B-PER"));
        QVERIFY(flow[2].isTrained);
    }

    void firstWordsComeFromTheColumnThatIsRead()
    {
        DatasetSummary dataset;
        dataset.columns = {{"id", "ignore", 0}, {"tokens", "words", 0}, {"tags", "label", 0}};
        QCOMPARE(wordsColumn(dataset, {}), 1);
        dataset.columns = {{"rejected", "rejected", 0}, {"chosen", "chosen", 0}};
        QCOMPARE(wordsColumn(dataset, {}), 1);
        dataset.columns = {{"labels", "ids", 0}, {"input_ids", "ids", 0}};
        QCOMPARE(wordsColumn(dataset, {}), 1);
    }

    void everyRowStandsInOneBarOfTheHistogram()
    {
        const Bars bars = lengthBars({5, 5, 17, 402});
        QCOMPARE(std::accumulate(bars.values.begin(), bars.values.end(), 0.0), 4.0);
        QCOMPARE(bars.edges.size(), bars.values.size() + 1);
        QVERIFY(bars.edges.back() > 402.0);
        QVERIFY(lengthBars({}).values.empty());
    }

    void countersNameWhatIsWrong()
    {
        CheckReport report;
        ProofSummary& proof = report.train;
        proof.rows = 240;
        proof.tokens = 9600;
        proof.truncated = {1, 2, 3};
        const std::vector<Counter> counters = countersOf(report, false, true);
        QCOMPARE(counters[2].value, QStringLiteral("3"));
        QVERIFY(counters[2].isClickable);
        QVERIFY(counters[2].tone == Counter::Tone::Warn);
        QVERIFY(!counters[1].isClickable);
        QVERIFY(counters.back().tone == Counter::Tone::Error); // no token is trained
        QCOMPARE(rowsOfCounter(proof, 2), (std::vector<std::int64_t> {1, 2, 3}));
        QCOMPARE(comfortableLength(402), 512);
    }

    void problemsBeyondTheCardAreCounted()
    {
        ReadyCard card;
        Problems problems;
        for (int i = 0; i < 11; ++i)
            problems.push_back({"steps", "Problem " + std::to_string(i), {}, false});
        card.setProblems(problems, true);
        const QList<QLabel*> labels = card.findChildren<QLabel*>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
            return label->text() == QStringLiteral("and 3 more");
        }));
    }

    void editsOfOneFieldAreUndoneTogether()
    {
        Session session;
        DraftEditor editor(session, nullptr);
        for (const std::int64_t steps : {3, 30, 300})
            editor.edit(QStringLiteral("steps"), QStringLiteral("steps"),
                        [&](Experiment& e) { e.steps = steps; });
        editor.edit(QStringLiteral("seed"), QStringLiteral("seed"),
                    [](Experiment& e) { e.seed = 11; });
        editor.edit(QStringLiteral("nothing"), {}, [](Experiment&) { });
        QCOMPARE(editor.undoStack()->count(), 2);
        editor.undoStack()->undo();
        QCOMPARE(editor.draft().seed, Experiment().seed);
        QCOMPARE(editor.draft().steps, 300);
        editor.undoStack()->undo();
        QCOMPARE(editor.draft(), Experiment());
        editor.undoStack()->redo();
        QCOMPARE(editor.draft().steps, 300);
    }

    void onlyWhatDiffersFromTheDefaultsIsNamed()
    {
        PluginInfo lora;
        lora.id = "lora";
        ParamSpec rank;
        rank.id = "rank";
        rank.title = "Rank";
        rank.type = ParamType::Integer;
        rank.defaultValue = std::int64_t {8};
        lora.params = {rank};
        Experiment experiment;
        experiment.model = "model";
        experiment.adaptations.front().sites = {{"attn.q", "0-29"}};
        QVERIFY(differencesInWords(experiment, {lora}).empty());
        experiment.adaptations.front().settings["rank"] = std::int64_t {16};
        experiment.steps = 400;
        const std::vector<FieldDifference> found = differencesInWords(experiment, {lora});
        QCOMPARE(found.size(), std::size_t(2));
        QCOMPARE(found[0], (FieldDifference {"Rank", "8", "16"}));
        QCOMPARE(found[1], (FieldDifference {"Steps", "200", "400"}));
    }

    void aResultComesIntoTheGuiThreadOnce()
    {
        JobRunner runner;
        QObject owner;
        int given = 0;
        Qt::HANDLE thread = nullptr;
        auto* watcher = new JobWatcher(
            runner.start(Lane {}, [](JobControl&) { return 42; }),
            [&](int value) {
                given += value;
                thread = QThread::currentThreadId();
            },
            &owner);
        QSignalSpy ended(watcher, &JobWatcher::ended);
        QTRY_COMPARE(ended.count(), 1);
        QCOMPARE(given, 42);
        QCOMPARE(thread, QThread::currentThreadId());
    }

    void whatCoreThrowsBecomesAMessageWithItsHint()
    {
        JobRunner runner;
        QObject owner;
        auto* watcher = new JobWatcher(
            runner.start(Lane {}, [](JobControl&) -> int { throw Error("It broke.", "Mend it."); }),
            [](int) { QFAIL("there is no result"); }, &owner);
        QSignalSpy failed(watcher, &JobWatcher::failed);
        QTRY_COMPARE(failed.count(), 1);
        QCOMPARE(failed.first().at(0).toString(), QStringLiteral("It broke."));
        QCOMPARE(failed.first().at(1).toString(), QStringLiteral("Mend it."));
    }

    void onlyTheNewestQuestionIsAnswered()
    {
        JobRunner runner;
        QObject owner;
        LatestJob latest;
        std::vector<int> answers;
        for (int i = 0; i < 5; ++i) {
            latest.start(
                runner.start(Lane {},
                             [i](JobControl& control) {
                                 control.throwIfCancelled();
                                 return i;
                             }),
                [&](int value) { answers.push_back(value); }, &owner);
        }
        QTRY_VERIFY(!answers.empty());
        QTRY_VERIFY(!latest.isRunning());
        QCOMPARE(answers, (std::vector<int> {4}));
    }

    void workOfAGoneOwnerIsCancelled()
    {
        JobRunner runner;
        auto owner = std::make_unique<QObject>();
        std::atomic<bool> wasCancelled = false;
        auto job = runner.start(Lane {}, [&](JobControl& control) {
            try {
                for (;;) {
                    control.throwIfCancelled();
                    std::this_thread::yield();
                }
            } catch (const Cancelled&) {
                wasCancelled = true;
                throw;
            }
            return 0;
        });
        new JobWatcher(job, [](int) { }, owner.get());
        QTRY_COMPARE(job.control->progress().state, JobState::Running); // else it never begins
        owner.reset();
        QTRY_VERIFY(wasCancelled.load());
    }
};

QTEST_MAIN(TstPageParts)
#include "tst_page_parts.moc"
