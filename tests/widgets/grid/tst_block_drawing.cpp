// SPDX-License-Identifier: Apache-2.0
#include "widgets/grid/block_drawing.h"

#include <QSignalSpy>
#include <QtTest>

#include <algorithm>

using namespace tw;

namespace {

BlockValue blockOf(const QStringList& sites)
{
    BlockValue block;
    block.sites = sites;
    block.allowed = sites;
    return block;
}

const QStringList& llama()
{
    static const QStringList sites =
        QStringLiteral("norm1 attn.q attn.k attn.v attn.o attn.out norm2 mlp.gate mlp.up mlp.down "
                       "mlp.out block.out")
            .split(QLatin1Char(' '));
    return sites;
}

/// The box of a site; of one that is not drawn: empty.
QRectF boxOf(const BlockLayout& layout, const QString& site)
{
    for (const BlockLayout::Box& box : layout.boxes) {
        if (box.site == site)
            return box.rect;
    }
    return {};
}

bool computes(const BlockLayout& layout, const QString& words)
{
    return std::any_of(layout.boxes.begin(), layout.boxes.end(),
                       [&](const BlockLayout::Box& box) { return box.label == words; });
}

} // namespace

class TstBlockDrawing : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everySiteIsDrawnOnceAndNoneOverAnother_data()
    {
        QTest::addColumn<QString>("sites");
        QTest::addColumn<bool>("isParallel");
        QTest::newRow("gated") << llama().join(QLatin1Char(' ')) << false;
        QTest::newRow("fused q, k and v") << "norm1 attn.qkv attn.o norm2 mlp.up mlp.down" << false;
        QTest::newRow("fused gate") << "norm1 attn.qkv attn.o norm2 mlp.gate_up mlp.down" << false;
        QTest::newRow("norms around")
            << "norm1 attn.q attn.k attn.v attn.q.norm attn.k.norm attn.o "
               "norm1.out norm2 mlp.gate mlp.up mlp.down norm2.out"
            << false;
        QTest::newRow("a decoder that reads an encoder")
            << "norm1 attn.q attn.k attn.v attn.o cross.norm cross.q cross.k cross.v cross.o norm2 "
               "mlp.up mlp.down"
            << false;
        QTest::newRow("side by side")
            << "norm1 attn.qkv attn.o norm2 mlp.up mlp.down block.out" << true;
        QTest::newRow("side by side, one norm")
            << "norm1 attn.q attn.k attn.v attn.o mlp.up mlp.down" << true;
    }

    void everySiteIsDrawnOnceAndNoneOverAnother()
    {
        QFETCH(QString, sites);
        QFETCH(bool, isParallel);
        BlockValue block = blockOf(sites.split(QLatin1Char(' ')));
        block.isParallel = isParallel;
        const BlockLayout layout = layOutBlock(block);
        const QRectF room(0, 0, layout.width, layout.height);
        for (const QString& site : block.sites) {
            QCOMPARE(std::count_if(layout.boxes.begin(), layout.boxes.end(),
                                   [&](const BlockLayout::Box& box) { return box.site == site; }),
                     1);
        }
        for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
            QVERIFY(room.contains(layout.boxes[i].rect));
            for (std::size_t j = 0; j < i; ++j)
                QVERIFY(!layout.boxes[i].rect.intersects(layout.boxes[j].rect));
        }
    }

    void aNormStandsBeforeItsPartOrBehindTheAddition()
    {
        BlockValue block = blockOf(llama());
        const BlockLayout before = layOutBlock(block);
        QVERIFY(boxOf(before, QStringLiteral("norm1")).bottom()
                < boxOf(before, QStringLiteral("attn.q")).top());
        block.normsFollowSums = true;
        const BlockLayout after = layOutBlock(block);
        QVERIFY(boxOf(after, QStringLiteral("norm1")).top() > after.sums.front().y());
        QVERIFY(boxOf(after, QStringLiteral("norm1")).bottom()
                < boxOf(after, QStringLiteral("mlp.up")).top());
    }

    void attentionAndMlpOfAParallelBlockStandSideBySide()
    {
        BlockValue block = blockOf(llama());
        block.isParallel = true;
        const BlockLayout layout = layOutBlock(block);
        QVERIFY(boxOf(layout, QStringLiteral("attn.v")).right()
                < boxOf(layout, QStringLiteral("mlp.gate")).left());
        QCOMPARE(layout.sums.size(), std::size_t {1});
    }

    void onlyWhatIsThereIsDrawn()
    {
        const BlockLayout encoder = layOutBlock(blockOf(llama()));
        QVERIFY(!computes(encoder, QStringLiteral("reads the encoder")));
        QVERIFY(computes(encoder, QStringLiteral("activation, multiply")));
        QCOMPARE(encoder.sums.size(), std::size_t {2});
        const BlockLayout decoder =
            layOutBlock(blockOf(llama() + QStringList {QStringLiteral("cross.q")}));
        QVERIFY(computes(decoder, QStringLiteral("reads the encoder")));
        QCOMPARE(decoder.sums.size(), std::size_t {3});
        BlockValue prompted = blockOf(llama());
        prompted.prompt = QStringLiteral("20 tokens");
        QVERIFY(boxOf(layOutBlock(prompted), QStringLiteral("prompt")).bottom()
                < boxOf(layOutBlock(prompted), QStringLiteral("norm1")).top());
    }

    void itAsksForTheSiteThatWasClicked()
    {
        BlockDrawing drawing;
        BlockValue block = blockOf(llama());
        block.methods = {{QStringLiteral("LoRA"), QStringLiteral("A"), 1}};
        block.owners[QStringLiteral("attn.q")] = ownerBit(0);
        block.allowed = QStringList {QStringLiteral("attn.q"), QStringLiteral("attn.v")};
        drawing.setBlock(block);
        drawing.resize(drawing.sizeHint());
        QVERIFY(drawing.accessibleDescription().contains(QStringLiteral("attn.q: LoRA")));
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

QTEST_MAIN(TstBlockDrawing)
#include "tst_block_drawing.moc"
