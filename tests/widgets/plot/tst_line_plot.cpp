// SPDX-License-Identifier: Apache-2.0
#include "widgets/plot/bar_plot.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/table_window.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QImageReader>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace tw;

namespace {

/// A loss at steps 1 to 4 and an evaluation at steps 2 and 4.
std::vector<Curve> twoCurves()
{
    Curve loss;
    loss.name = QStringLiteral("run 1");
    loss.quantity = QStringLiteral("loss");
    loss.x = {1, 2, 3, 4};
    loss.y = {2.5, 2.25, std::nan(""), 1.1};
    loss.hasEndLabel = true;
    Curve heldOut = loss;
    heldOut.quantity = QStringLiteral("held-out");
    heldOut.style = Curve::Style::Points;
    heldOut.x = {2, 4};
    heldOut.y = {2.4, 0.1 + 0.2};
    return {loss, heldOut};
}

void fill(LinePlot& plot)
{
    plot.setTitle(QStringLiteral("Loss"));
    plot.setAxisTitles(QStringLiteral("step"), QStringLiteral("loss, nats a token"));
    plot.setCurves(twoCurves());
    plot.resize(500, 300);
}

} // namespace

class TestLinePlot : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theNumbersComeOutAsTheyWentIn();
    void theCopiedTextIsTheTable();
    void aCellWithACommaIsQuoted();
    void theCrosshairSnapsToTheNearestStep_data();
    void theCrosshairSnapsToTheNearestStep();
    void theCrosshairLeavesOutCurvesWithoutAPointThere();
    void arrowKeysWalkFromStepToStep();
    void theCrosshairReadsWhatIsDrawn();
    void aPlotOfALongRunFollowsTheMouse();
    void smoothingAConstantChangesNothing();
    void smoothingForgetsAtTheStatedPace();
    void everyFileFormatCanBeReadAgain_data();
    void everyFileFormatCanBeReadAgain();
    void aFolderThatDoesNotExistIsSaidInWords();
    void lightAndDarkDrawDifferently();
    void anEmptyPlotHasNoRowsAndNoCrosshair();
    void aHistogramGivesItsEdgesBack();
    void aSpectrumIsNumberedFromOne();
    void theTableModelKeepsQtsRules();
};

void TestLinePlot::theNumbersComeOutAsTheyWentIn()
{
    LinePlot plot;
    fill(plot);
    const DataTable table = plot.table();
    QCOMPARE(table.columns,
             QStringList({QStringLiteral("step"), QStringLiteral("run 1 loss"),
                          QStringLiteral("run 1 held-out")}));
    QCOMPARE(table.rows.size(), std::size_t {4});
    QCOMPARE(table.rows[0], QStringList({QStringLiteral("1"), QStringLiteral("2.5"), QString()}));
    QCOMPARE(table.rows[2], QStringList({QStringLiteral("3"), QString(), QString()}));
    QCOMPARE(table.rows[3][2].toDouble(), 0.1 + 0.2); // to the last bit
}

void TestLinePlot::theCopiedTextIsTheTable()
{
    LinePlot plot;
    fill(plot);
    plot.copyNumbers();
    QCOMPARE(QApplication::clipboard()->text().section(QLatin1Char('\n'), 2, 2).trimmed(),
             QStringLiteral("2,2.25,2.4"));
}

void TestLinePlot::aCellWithACommaIsQuoted()
{
    const DataTable table {{QStringLiteral("loss, nats")}, {{QStringLiteral("say \"no\"")}}};
    QCOMPARE(toCsv(table), QStringLiteral("\"loss, nats\"\r\n\"say \"\"no\"\"\"\r\n"));
}

void TestLinePlot::theCrosshairSnapsToTheNearestStep_data()
{
    QTest::addColumn<double>("pointer");
    QTest::addColumn<double>("step");
    QTest::newRow("before the first") << -7.0 << 1.0;
    QTest::newRow("a little after a step") << 2.4 << 2.0;
    QTest::newRow("a little before a step") << 2.6 << 3.0;
    QTest::newRow("behind the last") << 99.0 << 4.0;
}

void TestLinePlot::theCrosshairSnapsToTheNearestStep()
{
    QFETCH(double, pointer);
    QFETCH(double, step);
    LinePlot plot;
    fill(plot);
    plot.moveCrosshair(pointer);
    QVERIFY(plot.crosshair().has_value());
    QCOMPARE(*plot.crosshair(), step);
}

void TestLinePlot::theCrosshairLeavesOutCurvesWithoutAPointThere()
{
    LinePlot plot;
    fill(plot);
    plot.moveCrosshair(1);
    QVERIFY2(!plot.crosshairText().contains(QStringLiteral("held-out")),
             qPrintable(plot.crosshairText()));
    plot.moveCrosshair(2);
    QVERIFY2(plot.crosshairText().contains(QStringLiteral("run 1 held-out 2.40")),
             qPrintable(plot.crosshairText()));
}

void TestLinePlot::arrowKeysWalkFromStepToStep()
{
    LinePlot plot;
    fill(plot);
    QTest::keyClick(&plot, Qt::Key_Right);
    QTest::keyClick(&plot, Qt::Key_Right);
    QCOMPARE(*plot.crosshair(), 2.0);
    QTest::keyClick(&plot, Qt::Key_End);
    QCOMPARE(*plot.crosshair(), 4.0);
    QVERIFY(plot.accessibleDescription().contains(QStringLiteral("step 4")));
    QTest::keyClick(&plot, Qt::Key_Escape);
    QVERIFY(!plot.crosshair().has_value());
}

void TestLinePlot::theCrosshairReadsWhatIsDrawn()
{
    CurveSet curves;
    std::vector<Curve> two = twoCurves();
    two[0].style = Curve::Style::Noisy;
    QVERIFY(curves.set(two));
    QVERIFY(!curves.set(two));
    QCOMPARE(curves.steps(), (std::vector<double> {1, 2, 3, 4}));
    QCOMPARE(*curves.shownAt(0, 2.0), smoothed(two[0].y)[1]);
    QVERIFY(std::isnan(*curves.shownAt(0, 3.0)));
    QCOMPARE(*curves.shownAt(1, 4.0), 0.1 + 0.2);
    QVERIFY(!curves.shownAt(1, 3.0));
    QCOMPARE(*curves.nearestStep(2.6), 3.0);
    QCOMPARE(*curves.lastPoint(0), std::size_t {3});
    two[0].y = {NAN, NAN, NAN, NAN};
    QVERIFY(curves.set(two));
    QVERIFY(!curves.lastPoint(0));
}

void TestLinePlot::aPlotOfALongRunFollowsTheMouse()
{
    Curve loss = twoCurves()[0];
    loss.style = Curve::Style::Noisy;
    loss.x.clear();
    loss.y.clear();
    for (int step = 1; step <= 200'000; ++step) {
        loss.x.push_back(step);
        loss.y.push_back(2.0 + 1.0 / step);
    }
    CurveSet curves;
    curves.set({loss, loss, loss, loss});
    double sum = 0.0;
    QElapsedTimer clock;
    clock.start();
    for (int move = 0; move < 1000; ++move) // smoothing anew would take seconds
        sum += *curves.shownAt(3, *curves.nearestStep(move * 200.0 + 0.4));
    QVERIFY(sum > 2000.0);
    QVERIFY2(clock.elapsed() < 500, qPrintable(QString::number(clock.elapsed())));
}

void TestLinePlot::smoothingAConstantChangesNothing()
{
    for (const double value : smoothed({1.5, 1.5, 1.5, 1.5}))
        QCOMPARE(value, 1.5);
}

void TestLinePlot::smoothingForgetsAtTheStatedPace()
{
    // After the first point the mean of 0 and 1 has the weights e^(-1/2) and 1.
    const std::vector<double> values = smoothed({0.0, std::nan(""), 1.0}, 2.0);
    QVERIFY(std::isnan(values[1]));
    QCOMPARE(values[2], 1.0 / (1.0 + std::exp(-0.5)));
}

void TestLinePlot::everyFileFormatCanBeReadAgain_data()
{
    QTest::addColumn<QString>("ending");
    QTest::addColumn<QByteArray>("start");
    QTest::newRow("vector picture") << QStringLiteral("svg") << QByteArray("<?xml");
    QTest::newRow("page") << QStringLiteral("pdf") << QByteArray("%PDF");
    QTest::newRow("picture") << QStringLiteral("png") << QByteArray("\x89PNG");
    QTest::newRow("numbers") << QStringLiteral("csv") << QByteArray("step,run 1 loss");
}

void TestLinePlot::everyFileFormatCanBeReadAgain()
{
    QFETCH(QString, ending);
    QFETCH(QByteArray, start);
    LinePlot plot;
    fill(plot);
    const QTemporaryDir folder;
    const QString name = folder.filePath(QStringLiteral("loss.") + ending);
    QCOMPARE(plot.save(name), QString());
    QFile file(name);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll().startsWith(start));
    if (ending == QStringLiteral("png"))
        QCOMPARE(QImageReader(name).size(), QSize(1000, 600));
}

void TestLinePlot::aFolderThatDoesNotExistIsSaidInWords()
{
    LinePlot plot;
    fill(plot);
    const QString problem = plot.save(QStringLiteral("/nowhere/at/all/loss.csv"));
    QVERIFY2(problem.contains(QStringLiteral("/nowhere/at/all/loss.csv")), qPrintable(problem));
}

void TestLinePlot::lightAndDarkDrawDifferently()
{
    LinePlot plot;
    fill(plot);
    plot.setColors(Theme::light());
    const QColor light = plot.grab().toImage().pixelColor(3, 150);
    plot.setColors(Theme::dark());
    const QColor dark = plot.grab().toImage().pixelColor(3, 150);
    QCOMPARE(light, Theme::light().panel);
    QCOMPARE(dark, Theme::dark().panel);
}

void TestLinePlot::anEmptyPlotHasNoRowsAndNoCrosshair()
{
    LinePlot plot;
    plot.resize(300, 200);
    plot.moveCrosshair(3);
    QVERIFY(!plot.crosshair().has_value());
    QVERIFY(plot.table().rows.empty());
    QVERIFY(!plot.grab().isNull());
}

void TestLinePlot::aHistogramGivesItsEdgesBack()
{
    BarPlot plot;
    plot.setAxisTitles(QStringLiteral("tokens"), QStringLiteral("rows"));
    Bars bars;
    bars.edges = {0, 64, 128};
    bars.values = {3, 7};
    plot.setBars(bars);
    const DataTable table = plot.table();
    QCOMPARE(table.columns.size(), 3);
    QCOMPARE(table.rows[1],
             QStringList({QStringLiteral("64"), QStringLiteral("128"), QStringLiteral("7")}));
}

void TestLinePlot::aSpectrumIsNumberedFromOne()
{
    BarPlot plot;
    plot.setAxisTitles(QStringLiteral("direction"), QStringLiteral("value"));
    plot.setBars(indexedBars({2.5, 0.5}));
    QCOMPARE(plot.table().rows[0], QStringList({QStringLiteral("1"), QStringLiteral("2.5")}));
    QCOMPARE(plot.table().rows[1], QStringList({QStringLiteral("2"), QStringLiteral("0.5")}));
}

void TestLinePlot::theTableModelKeepsQtsRules()
{
    LinePlot plot;
    fill(plot);
    DataTableModel model(plot.table());
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), 4);
    QCOMPARE(model.index(1, 1).data(Qt::UserRole).toDouble(), 2.25);
}

QTEST_MAIN(TestLinePlot)
#include "tst_line_plot.moc"
