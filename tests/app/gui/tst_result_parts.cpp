// SPDX-License-Identifier: Apache-2.0
#include "app/gui/pages/explore/novelty.h"
#include "app/gui/pages/inspect/findings.h"
#include "app/gui/pages/runs/run_differences.h"
#include "app/gui/pages/runs/run_table_model.h"
#include "app/gui/words.h"
#include "tests/app/gui/result_project.h"

#include <QAbstractItemModelTester>
#include <QTest>

#include <cmath>
#include <iterator>
#include <memory>

using namespace tw;

/// The tables, numbers and words that the pages of results are made of.
class TestResultParts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void theTableOfRunsKeepsQtsRules();
    void whatWasNotMeasuredIsSortedLast();
    void theFilterUnderstandsComparisons_data();
    void theFilterUnderstandsComparisons();
    void forgettingIsTheRiseOnGeneralText();
    void fieldsAreNamedInWords_data();
    void fieldsAreNamedInWords();
    void onlySettingsThatDifferAreListed();
    void findingsAddUp();
    void theGridFollowsTheThreshold();
    void tokensOfOneTextOnlyOnceAreNotListed();

private:
    std::unique_ptr<OpenResults> m_open;
};

void TestResultParts::init()
{
    m_open = std::make_unique<OpenResults>();
    QVERIFY(m_open->session.project() != nullptr);
}

void TestResultParts::cleanup()
{
    m_open.reset();
}

void TestResultParts::theTableOfRunsKeepsQtsRules()
{
    RunTableModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    RunFilter filter;
    const QAbstractItemModelTester filterTester(
        &filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
    filter.setSourceModel(&model);
    std::vector<RunSummary> runs = m_open->session.project()->runs();
    model.setRuns({runs[0]});
    model.setRuns(runs); // grows
    runs[0].metrics["loss"] = 1.5;
    model.setRuns(runs); // changes
    runs.erase(runs.begin());
    model.setRuns(runs); // shrinks
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(filter.rowCount(), 2);
}

void TestResultParts::whatWasNotMeasuredIsSortedLast()
{
    std::vector<RunSummary> runs(6);
    const double losses[] {2.0, std::nan(""), 1.0, 3.0};
    for (std::size_t i = 0; i < runs.size(); ++i) {
        runs[i].id = static_cast<std::int64_t>(i) + 1;
        if (i < std::size(losses))
            runs[i].metrics["loss"] = losses[i];
    }
    RunTableModel model;
    model.setRuns(runs);
    RunFilter filter;
    filter.setSourceModel(&model);
    const auto order = [&] {
        std::vector<qint64> ids;
        for (int row = 0; row < filter.rowCount(); ++row)
            ids.push_back(filter.index(row, 0).data(RunTableModel::RunRole).toLongLong());
        return ids;
    };
    filter.sort(RunTableModel::Loss, Qt::AscendingOrder);
    QCOMPARE(order(), (std::vector<qint64> {3, 1, 4, 2, 5, 6}));
    filter.sort(RunTableModel::Loss, Qt::DescendingOrder);
    QCOMPARE(order(), (std::vector<qint64> {4, 1, 3, 2, 5, 6}));
}

void TestResultParts::theFilterUnderstandsComparisons_data()
{
    QTest::addColumn<QString>("wish");
    QTest::addColumn<int>("rows");
    QTest::newRow("everything") << QString() << 3;
    QTest::newRow("a word of a name") << QStringLiteral("rank") << 2;
    QTest::newRow("a state") << QStringLiteral("failed") << 1;
    QTest::newRow("a low held-out loss") << QStringLiteral("held-out < 2.6") << 1;
    QTest::newRow("one that nobody reached") << QStringLiteral("held-out < 1") << 0;
    QTest::newRow("steps done") << QStringLiteral("step > 2") << 1;
    QTest::newRow("below zero") << QStringLiteral("forgetting > -0.5") << 1;
    QTest::newRow("below zero, with a real minus") << QStringLiteral("forgetting < −0.5") << 0;
    QTest::newRow("what is shown") << QStringLiteral("forgetting = 0.04") << 1;
    QTest::newRow("not what is shown") << QStringLiteral("held-out = 2.6") << 0;
    QTest::newRow("a column of words") << QStringLiteral("state < 3") << 0;
}

void TestResultParts::theFilterUnderstandsComparisons()
{
    QFETCH(QString, wish);
    QFETCH(int, rows);
    RunTableModel model;
    model.setRuns(m_open->session.project()->runs());
    RunFilter filter;
    filter.setSourceModel(&model);
    filter.setWish(wish);
    QCOMPARE(filter.rowCount(), rows);
}

void TestResultParts::forgettingIsTheRiseOnGeneralText()
{
    const std::vector<RunSummary> runs = m_open->session.project()->runs();
    QVERIFY(std::abs(forgettingOf(runs[0]) - 0.04) < 1e-12);
    QVERIFY(std::isnan(forgettingOf(runs[1])));
}

void TestResultParts::fieldsAreNamedInWords_data()
{
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("words");
    QTest::newRow("of the document") << QStringLiteral("maxLength") << QStringLiteral("Length");
    QTest::newRow("of a method") << QStringLiteral("adaptations[0].settings.rank")
                                 << QStringLiteral("Rank");
    QTest::newRow("of the optimiser")
        << QStringLiteral("optimizer.settings.learningRate") << QStringLiteral("Learning rate");
    QTest::newRow("a site") << QStringLiteral("adaptations[0].sites.attn.q")
                            << QStringLiteral("attn.q");
}

void TestResultParts::fieldsAreNamedInWords()
{
    QFETCH(QString, field);
    QTEST(fieldInWords(field.toStdString()), "words");
}

void TestResultParts::onlySettingsThatDifferAreListed()
{
    DifferenceModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    Experiment a = experimentNamed("same", 8);
    Experiment b = experimentNamed("same", 16);
    model.setRuns({{1, 1, a}, {2, 2, b}, {3, 3, a}});
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.index(0, 1).data().toString(), QStringLiteral("8"));
    QCOMPARE(model.index(0, 2).data().toString(), QStringLiteral("16"));
    QVERIFY(model.index(0, 2).data(DifferenceModel::DiffersRole).toBool());
    QVERIFY(!model.index(0, 3).data(DifferenceModel::DiffersRole).toBool());
}

void TestResultParts::findingsAddUp()
{
    const XrayFindings findings = findingsOf(xrayOf("adapter"), 0.5);
    QCOMPARE(findings.matrices, 4);
    QCOMPARE(findings.relativeChange, std::sqrt(0.12 / 400.0)); // 3 * 0.1^2 + 0.3^2 over 4 * 10^2
    QCOMPARE(findings.mostMoved, std::string("mlp.down"));
    QCOMPARE(findings.mostMean, 0.02);
    QCOMPARE(findings.intruders, 1);
    QCOMPARE(findings.directions, 8);
    QCOMPARE(findings.matricesWithIntruders, 1);
    QCOMPARE(findings.lastBlock, 1);
    QVERIFY(std::abs(findings.shareThere - 10.0 / 12.0) < 1e-12);
}

void TestResultParts::theGridFollowsTheThreshold()
{
    const XrayResult result = xrayOf("adapter");
    QCOMPARE(gridOf(result, XrayMeasure::RelativeChange, 0.5).marks,
             (std::vector<int> {0, 0, 0, 1}));
    QCOMPARE(gridOf(result, XrayMeasure::RelativeChange, 0.85).marks,
             (std::vector<int> {1, 1, 1, 1}));
    QCOMPARE(gridOf(result, XrayMeasure::RelativeChange, 0.5).values[3], 3.0); // per cent
    QCOMPARE(gridOf(result, XrayMeasure::Intruders, 0.2).values[3], 0.0);
}

void TestResultParts::tokensOfOneTextOnlyOnceAreNotListed()
{
    const std::vector<WantedToken> wanted =
        wantedMost(m_open->session.project()->contrastSamplesOf(1), 5);
    QCOMPARE(wanted.size(), std::size_t {1});
    QCOMPARE(wanted[0], (WantedToken {QStringLiteral("prepaid"), 1.5, 2}));
}

QTEST_MAIN(TestResultParts)
#include "tst_result_parts.moc"
