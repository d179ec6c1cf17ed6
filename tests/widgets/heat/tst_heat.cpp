// SPDX-License-Identifier: Apache-2.0
#include "widgets/heat/color_bar.h"
#include "widgets/heat/similarity_map.h"
#include "widgets/heat/xray_grid.h"

#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace tw;

namespace {

/// Three modules, four layers; value = 10 * row + layer, one matrix left out, two intruders in
/// mlp.down of block 3.
XrayGridData threeByFour()
{
    XrayGridData data;
    data.rows = QStringList {QStringLiteral("attn.q"), QStringLiteral("attn.v"),
                             QStringLiteral("mlp.down")};
    data.layers = 4;
    for (int row = 0; row < 3; ++row)
        for (int layer = 0; layer < 4; ++layer)
            data.values.push_back(10.0 * row + layer);
    data.values[1] = std::nan("");
    data.marks.assign(12, 0);
    data.marks[11] = 2;
    data.unit = QStringLiteral(" %");
    data.markName = QStringLiteral("intruders");
    return data;
}

/// CIE lightness from WCAG luminance: the same order as contrast against black.
double lightness(const QColor& color)
{
    return Theme::contrast(color, QColor(Qt::black));
}

} // namespace

class TestHeat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void clickingACellSelectsIt();
    void arrowKeysMoveAndStopAtTheEdges();
    void aCellIsSaidInWords();
    void matricesThatWereNotComparedAreSaidSo();
    void theTableHasEveryNumber();
    void theSelectionSurvivesNewNumbers();
    void cellsGrowOnlyToTheirLimit();
    void strongerMeansDarkerOnLightAndLighterOnDark();
    void numbersOnCellsCanBeRead();
    void theScaleEndsInARoundNumber_data();
    void theScaleEndsInARoundNumber();
    void colourFollowsThePowerOfThreeQuarters();
    void theSimilarityMapGivesItsNumbersBack();
    void intrudersAreNamedForScreenReaders();
};

void TestHeat::clickingACellSelectsIt()
{
    XrayGrid grid;
    grid.setData(threeByFour());
    grid.resize(grid.sizeHint());
    QSignalSpy spy(&grid, &XrayGrid::selectionChanged);
    QTest::mouseClick(&grid, Qt::LeftButton, {}, grid.cellRect(2, 3).center().toPoint());
    QCOMPARE(spy.size(), 1);
    QCOMPARE(spy[0], QVariantList({2, 3}));
    QTest::mouseClick(&grid, Qt::LeftButton, {}, QPoint(1, 1)); // beside the cells
    QCOMPARE(spy.size(), 1);
}

void TestHeat::arrowKeysMoveAndStopAtTheEdges()
{
    XrayGrid grid;
    grid.setData(threeByFour());
    QTest::keyClick(&grid, Qt::Key_Right);
    QCOMPARE(*grid.selected(), QPoint(0, 0));
    QTest::keyClick(&grid, Qt::Key_Up);
    QCOMPARE(*grid.selected(), QPoint(0, 0));
    for (int i = 0; i < 9; ++i)
        QTest::keyClick(&grid, Qt::Key_Down);
    QTest::keyClick(&grid, Qt::Key_End);
    QCOMPARE(*grid.selected(), QPoint(3, 2));
}

void TestHeat::aCellIsSaidInWords()
{
    XrayGrid grid;
    grid.setData(threeByFour());
    grid.select(2, 3);
    QCOMPARE(grid.accessibleDescription(), QStringLiteral("block 3 mlp.down: 23.0 %, 2 intruders"));
}

void TestHeat::matricesThatWereNotComparedAreSaidSo()
{
    XrayGrid grid;
    grid.setData(threeByFour());
    QCOMPARE(grid.cellText(0, 1), QStringLiteral("block 1 attn.q: not compared"));
}

void TestHeat::theTableHasEveryNumber()
{
    XrayGrid grid;
    grid.setData(threeByFour());
    const DataTable table = grid.table();
    QCOMPARE(table.columns.size(), 5);
    QCOMPARE(table.rows[2],
             QStringList({QStringLiteral("mlp.down"), QStringLiteral("20"), QStringLiteral("21"),
                          QStringLiteral("22"), QStringLiteral("23")}));
    QCOMPARE(table.rows[0][2], QString());
}

void TestHeat::theSelectionSurvivesNewNumbers()
{
    XrayGrid grid;
    grid.setData(threeByFour());
    grid.select(1, 2);
    XrayGridData other = threeByFour();
    other.values[6] = 99.0;
    grid.setData(other);
    QCOMPARE(*grid.selected(), QPoint(2, 1));
    other.layers = 2;
    other.values.resize(6);
    other.marks.resize(6);
    grid.setData(other);
    QVERIFY(!grid.selected().has_value());
}

void TestHeat::cellsGrowOnlyToTheirLimit()
{
    XrayGrid grid;
    grid.setData(threeByFour());
    grid.resize(4000, 900);
    const QSizeF large = grid.cellRect(0, 0).size();
    grid.resize(6000, 900);
    QCOMPARE(grid.cellRect(0, 0).size(), large);
    grid.resize(300, 900);
    QVERIFY(grid.cellRect(0, 0).width() < large.width());
}

void TestHeat::strongerMeansDarkerOnLightAndLighterOnDark()
{
    for (int i = 0; i < 100; ++i) {
        QVERIFY(lightness(Theme::light().magnitude(i / 100.0))
                > lightness(Theme::light().magnitude((i + 1) / 100.0)));
        QVERIFY(lightness(Theme::dark().magnitude(i / 100.0))
                < lightness(Theme::dark().magnitude((i + 1) / 100.0)));
    }
}

void TestHeat::numbersOnCellsCanBeRead()
{
    for (int i = 0; i <= 100; ++i) {
        for (const Theme* theme : {&Theme::light(), &Theme::dark()}) {
            const QColor cell = theme->magnitude(i / 100.0);
            QVERIFY(Theme::contrast(cell, Theme::textOn(cell)) >= 4.5);
        }
    }
}

void TestHeat::theScaleEndsInARoundNumber_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<double>("top");
    QTest::newRow("a little over five") << 5.8 << 6.0;
    QTest::newRow("a round number") << 0.02 << 0.02;
    QTest::newRow("just over a power of ten") << 101.0 << 120.0;
    QTest::newRow("nothing") << 0.0 << 0.0;
}

void TestHeat::theScaleEndsInARoundNumber()
{
    QFETCH(double, value);
    QFETCH(double, top);
    QCOMPARE(roundedUp(value), top);
}

void TestHeat::colourFollowsThePowerOfThreeQuarters()
{
    QCOMPARE(colorShare(0.0, 7.0), 0.0);
    QCOMPARE(colorShare(7.0, 7.0), 1.0);
    QCOMPARE(colorShare(1.0, 16.0), 0.125); // (1/16)^(3/4)
    QCOMPARE(colorShare(std::nan(""), 7.0), 0.0);
}

void TestHeat::theSimilarityMapGivesItsNumbersBack()
{
    SimilarityMap map;
    map.setData({2, {1.0, 0.25, 0.5, 0.75}, {1}});
    const DataTable table = map.table();
    QCOMPARE(table.rows[1],
             QStringList({QStringLiteral("2"), QStringLiteral("0.5"), QStringLiteral("0.75")}));
}

void TestHeat::intrudersAreNamedForScreenReaders()
{
    SimilarityMap map;
    map.setData({2, {1.0, 0.25, 0.5, 0.75}, {1}});
    QVERIFY(map.accessibleDescription().contains(QStringLiteral("intruders: 2")));
    map.setData({2, {1.0, 0.25, 0.5, 0.75}, {}});
    QVERIFY(!map.accessibleDescription().contains(QStringLiteral("intruders")));
}

QTEST_MAIN(TestHeat)
#include "tst_heat.moc"
