// SPDX-License-Identifier: Apache-2.0
#include "widgets/grid/site_grid.h"

#include <QPainter>
#include <QSignalSpy>
#include <QtTest>

using namespace tw;
using Cells = std::vector<SiteGrid::Cell>;

class TstSiteGrid : public QObject
{
    Q_OBJECT

private:
    static constexpr int kLayers = 12;
    static constexpr int kPrompt = 4; // the row of virtual tokens

    static SiteGridRow layered(const char* site, bool isAllowed)
    {
        SiteGridRow row;
        row.site = row.label = QString::fromLatin1(site);
        row.isAllowed = isAllowed;
        row.exists.assign(kLayers, true);
        row.owners.assign(kLayers, 0);
        return row;
    }

    /// A grid that does what it is asked, as the page Tune does.
    struct Fixture
    {
        SiteGrid grid;
        Cells last;
        bool isOn = false;

        Fixture()
        {
            SiteGridValue value;
            value.layers = kLayers;
            value.rows = {layered("attn.q", true), layered("attn.v", true), layered("mlp.up", true),
                          layered("norm1", false)};
            SiteGridRow prompt = layered("prompt", true);
            prompt.isWhole = true;
            prompt.exists = {true};
            prompt.owners = {0};
            value.rows.push_back(prompt);
            value.owners = {{QStringLiteral("LoRA"), QStringLiteral("A"), 1},
                            {QStringLiteral("IA3"), QStringLiteral("B"), 2}};
            value.inHand = 0;
            value.hand = value.owners.front();
            grid.setValue(value);
            grid.resize(400, 160);
            QObject::connect(&grid, &SiteGrid::edited, &grid, [this](const Cells& cells, bool on) {
                last = cells;
                isOn = on;
                for (const SiteGrid::Cell cell : cells)
                    put(cell, on ? 1 : 0);
            });
        }
        void put(SiteGrid::Cell cell, OwnerSet owners)
        {
            SiteGridValue value = grid.value();
            value.rows[static_cast<std::size_t>(cell.row)]
                .owners[static_cast<std::size_t>(cell.layer)] = owners;
            grid.setValue(value);
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
        QCOMPARE(f.grid.currentLayer(), 7);
        QTest::mouseClick(&f.grid, Qt::LeftButton, {}, f.at(1, 7));
        QVERIFY(!f.isOn);
    }

    void whatAnotherMethodHoldsIsAttachedAndNotDetached()
    {
        Fixture f;
        f.put({1, 7}, ownerBit(1));
        QTest::mouseClick(&f.grid, Qt::LeftButton, {}, f.at(1, 7));
        QCOMPARE(f.last, (Cells {{1, 7}}));
        QVERIFY(f.isOn);
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

    void aDragThatStraysOntoTheTokensLeavesThemAlone()
    {
        Fixture f;
        QTest::mousePress(&f.grid, Qt::LeftButton, {}, f.at(2, 2));
        QTest::mouseMove(&f.grid, f.at(kPrompt, 0));
        QTest::mouseRelease(&f.grid, Qt::LeftButton, {}, f.at(kPrompt, 0));
        QVERIFY(!f.last.empty());
        for (const SiteGrid::Cell cell : f.last)
            QCOMPARE(cell.row, 2);
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
        QTest::mouseClick(&f.grid, Qt::LeftButton, Qt::ControlModifier, f.at(1, 6));
        QCOMPARE(f.last, (Cells {{0, 6}, {1, 6}, {2, 6}}));
    }

    void aBlockThatLacksASiteIsLeftOut()
    {
        Fixture f;
        SiteGridValue value = f.grid.value();
        value.rows[1].exists.assign(kLayers, false);
        value.rows[1].exists[3] = true;
        f.grid.setValue(value);
        QTest::mouseClick(&f.grid, Qt::LeftButton, Qt::ShiftModifier, f.at(1, 3));
        QCOMPARE(f.last, (Cells {{1, 3}}));
        QVERIFY(f.grid.words({1, 4}).contains(QStringLiteral("none")));
    }

    void theMethodCannotSitWhereItIsNotAllowed()
    {
        Fixture f;
        const QSignalSpy edited(&f.grid, &SiteGrid::edited);
        QSignalSpy asked(&f.grid, &SiteGrid::ownerAsked);
        QTest::mouseClick(&f.grid, Qt::LeftButton, {}, f.at(3, 2));
        QTest::mouseClick(&f.grid, Qt::LeftButton, Qt::ShiftModifier, f.at(3, 2));
        QCOMPARE(edited.count(), 0);
        QCOMPARE(f.grid.words({3, 2}), QStringLiteral("norm1, block 2: LoRA cannot sit here"));
        f.put({3, 2}, ownerBit(1)); // another one can: it is asked for
        QTest::mouseClick(&f.grid, Qt::LeftButton, {}, f.at(3, 2));
        QCOMPARE(edited.count(), 0);
        QCOMPARE(asked.count(), 1);
        QCOMPARE(asked.front().front().toInt(), 1);
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
        QCOMPARE(f.grid.accessibleDescription(), QStringLiteral("attn.v, block 10: LoRA"));
        for (int i = 0; i < 3; ++i)
            QTest::keyClick(&f.grid, Qt::Key_Down);
        QTest::keyClick(&f.grid, Qt::Key_Space);
        QCOMPARE(f.last, (Cells {{kPrompt, 0}}));
        QCOMPARE(f.grid.currentLayer(), 10); // the drawing goes on showing that block
        QTest::keyClick(&f.grid, Qt::Key_Up);
        QCOMPARE(f.grid.current(), (SiteGrid::Cell {3, 10}));
    }

    void oneHundredBlocksFit()
    {
        SiteGrid grid;
        SiteGridValue value;
        value.layers = 100;
        value.rows = {layered("attn.q", true)};
        value.rows[0].exists.assign(100, true);
        value.rows[0].owners.assign(100, 1);
        grid.setValue(value);
        grid.resize(grid.minimumSizeHint());
        QVERIFY(grid.cellRect({0, 99}).right() <= grid.width());
        QVERIFY(!grid.cellRect({0, 99}).isEmpty());
    }

    void methodsDifferByMoreThanColour()
    {
        // In greys of equal lightness two methods still have to look different.
        const std::vector<SiteOwner> owners {{QStringLiteral("LoRA"), QStringLiteral("A"), 1},
                                             {QStringLiteral("IA3"), QStringLiteral("B"), 1}};
        for (const QSize size : {QSize(16, 16), QSize(4, 16)}) { // with room for a letter, without
            QList<QImage> pictures;
            for (int owner = 0; owner < 2; ++owner) {
                QImage picture(size, QImage::Format_RGB32);
                picture.fill(Qt::white);
                QPainter painter(&picture);
                paintOwners(painter, QRectF(QPointF(0, 0), size), ownerBit(owner), owners, true,
                            true);
                pictures << picture;
            }
            QVERIFY(pictures[0] != pictures[1]);
        }
    }
};

QTEST_MAIN(TstSiteGrid)
#include "tst_site_grid.moc"
