// SPDX-License-Identifier: Apache-2.0
#include "widgets/grid/block_drawing.h"
#include "widgets/grid/site_grid.h"

#include <QSignalSpy>
#include <QtTest>

using namespace tw;
using Cells = std::vector<SiteGrid::Cell>;

class TstSiteGrid : public QObject
{
    Q_OBJECT

private:
    static constexpr int kLayers = 12;

    /// A grid that does what it is asked, as the page Tune does.
    struct Fixture
    {
        SiteGrid grid;
        Cells last;
        bool isOn = false;

        Fixture()
        {
            const auto row = [](const char* site, bool isAllowed) {
                return SiteGridRow {QString::fromLatin1(site), QString::fromLatin1(site), isAllowed,
                                    std::vector<bool>(kLayers, false)};
            };
            grid.setRows({row("attn.q", true), row("attn.v", true), row("mlp.up", true),
                          row("norm1", false)},
                         kLayers);
            grid.resize(400, 140);
            QObject::connect(&grid, &SiteGrid::edited, &grid, [this](const Cells& cells, bool on) {
                last = cells;
                isOn = on;
                std::vector<SiteGridRow> rows = grid.rows();
                for (const SiteGrid::Cell cell : cells)
                    rows[static_cast<std::size_t>(cell.row)]
                        .isOn[static_cast<std::size_t>(cell.layer)] = on;
                grid.setRows(rows, kLayers);
            });
        }
        QPoint at(int row, int layer) const { return grid.cellRect({row, layer}).center(); }
    };

private Q_SLOTS:
    void aClickAttachesAndASecondOneDetaches()
    {
        Fixture f;
        QTest::mouseClick(&f.grid, Qt::LeftButton, {}, f.at(1, 7));
        QCOMPARE(f.last, (Cells {{1, 7}}));
        QVERIFY(f.isOn);
        QCOMPARE(f.grid.current().layer, 7);
        QTest::mouseClick(&f.grid, Qt::LeftButton, {}, f.at(1, 7));
        QVERIFY(!f.isOn);
    }

    void aDragAttachesARectangle()
    {
        Fixture f;
        QTest::mousePress(&f.grid, Qt::LeftButton, {}, f.at(0, 2));
        QTest::mouseMove(&f.grid, f.at(1, 4));
        QTest::mouseRelease(&f.grid, Qt::LeftButton, {}, f.at(1, 4));
        QCOMPARE(f.last, (Cells {{0, 2}, {0, 3}, {0, 4}, {1, 2}, {1, 3}, {1, 4}}));
        QVERIFY(f.isOn);
    }

    void shiftClickTakesTheRowAndTheNumberTheColumn()
    {
        Fixture f;
        QTest::mouseClick(&f.grid, Qt::LeftButton, Qt::ShiftModifier, f.at(2, 3));
        QCOMPARE(f.last.size(), std::size_t(kLayers));
        QCOMPARE(f.last.front(), (SiteGrid::Cell {2, 0}));
        QTest::mouseClick(&f.grid, Qt::LeftButton, {}, QPoint(f.at(0, 5).x(), 4));
        QCOMPARE(f.last, (Cells {{0, 5}, {1, 5}, {2, 5}}));
        QVERIFY(f.isOn); // not all of them were on
    }

    void theMethodCannotSitWhereItIsNotAllowed()
    {
        Fixture f;
        QSignalSpy edited(&f.grid, &SiteGrid::edited);
        QTest::mouseClick(&f.grid, Qt::LeftButton, {}, f.at(3, 2));
        QTest::mouseClick(&f.grid, Qt::LeftButton, Qt::ShiftModifier, f.at(3, 2));
        QCOMPARE(edited.count(), 0);
        QVERIFY(f.grid.words({3, 2}).contains(QStringLiteral("cannot")));
    }

    void theKeyboardReachesEveryCell()
    {
        Fixture f;
        QTest::keyClick(&f.grid, Qt::Key_Down);
        QTest::keyClick(&f.grid, Qt::Key_Right);
        QTest::keyClick(&f.grid, Qt::Key_Right);
        QTest::keyClick(&f.grid, Qt::Key_Space);
        QCOMPARE(f.last, (Cells {{1, 2}}));
        QTest::keyClick(&f.grid, Qt::Key_Space, Qt::ShiftModifier);
        QCOMPARE(f.last.size(), std::size_t(kLayers));
        QTest::keyClick(&f.grid, Qt::Key_End);
        QTest::keyClick(&f.grid, Qt::Key_Space, Qt::ControlModifier);
        QCOMPARE(f.last, (Cells {{0, 11}, {1, 11}, {2, 11}}));
        QTest::keyClick(&f.grid, Qt::Key_Left);
        QCOMPARE(f.grid.accessibleDescription(), QStringLiteral("attn.v, block 10: trained"));
    }

    void oneHundredBlocksFitAndTwoFill()
    {
        SiteGrid grid;
        grid.setRows({{QStringLiteral("attn.q"), QStringLiteral("attn.q"), true,
                       std::vector<bool>(100, true)}},
                     100);
        grid.resize(grid.minimumSizeHint());
        QVERIFY(grid.cellRect({0, 99}).right() <= grid.width());
        QVERIFY(!grid.cellRect({0, 99}).isEmpty());
    }

    void theDrawingAsksForTheSiteThatWasClicked()
    {
        BlockDrawing drawing;
        const QStringList all {QStringLiteral("attn.q"), QStringLiteral("attn.k"),
                               QStringLiteral("attn.v"), QStringLiteral("mlp.up")};
        drawing.setBlock(all, {QStringLiteral("attn.q")},
                         {QStringLiteral("attn.q"), QStringLiteral("attn.v")});
        drawing.resize(drawing.sizeHint());
        QVERIFY(drawing.accessibleDescription().contains(QStringLiteral("attn.q")));
        QSignalSpy clicked(&drawing, &BlockDrawing::siteClicked);
        QStringList sites;
        for (int y = 0; y < drawing.height(); y += 5) {
            for (int x = 0; x < drawing.width(); x += 5)
                QTest::mouseClick(&drawing, Qt::LeftButton, {}, {x, y});
        }
        for (const auto& call : clicked)
            sites << call.first().toString();
        sites.removeDuplicates();
        QCOMPARE(sites, (QStringList {QStringLiteral("attn.q"), QStringLiteral("attn.v")}));
    }
};

QTEST_MAIN(TstSiteGrid)
#include "tst_site_grid.moc"
