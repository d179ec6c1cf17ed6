// SPDX-License-Identifier: Apache-2.0
#include "widgets/shade/shaded_list.h"

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QTest>

using namespace tw;

namespace {

std::vector<ShadedToken> sentence()
{
    return {{QStringLiteral("Yes"), 0.1, QStringLiteral("first")},
            {QStringLiteral("."), 0.0, QStringLiteral("dot")},
            {QStringLiteral(" exchange"), 2.9, QStringLiteral("exchange")},
            {QStringLiteral(" page"), -2.9, QStringLiteral("page")}};
}

/// How many pixels of a box have the colour.
int count(const QImage& image, const QRectF& box, const QColor& color)
{
    int pixels = 0;
    for (int y = static_cast<int>(box.top()); y < static_cast<int>(box.bottom()); ++y)
        for (int x = static_cast<int>(box.left()); x < static_cast<int>(box.right()); ++x)
            pixels += image.pixelColor(x, y) == color ? 1 : 0;
    return pixels;
}

} // namespace

class TestShade : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void linesBreakOnlyBeforeWords();
    void aLineEndStartsANewLine();
    void smallContrastsHaveNoFill();
    void arrowKeysWalkOverAllTokens();
    void theTextIsKeptAsItWas();
};

void TestShade::linesBreakOnlyBeforeWords()
{
    const QFont font = QApplication::font();
    const ShadedLayout wide = layOutShaded(sentence(), 2000.0, font);
    QCOMPARE(wide.boxes[3].top(), wide.boxes[0].top());
    const double narrow = wide.boxes[1].right() + 1.0; // room for "Yes." and no more
    const ShadedLayout broken = layOutShaded(sentence(), narrow, font);
    QCOMPARE(broken.boxes[1].top(), broken.boxes[0].top()); // the dot stays with its word
    QVERIFY(broken.boxes[2].top() > broken.boxes[1].top());
    QCOMPARE(broken.boxes[2].left(), 0.0);
    QVERIFY(broken.height > wide.height);
}

void TestShade::aLineEndStartsANewLine()
{
    const ShadedLayout layout = layOutShaded({{QStringLiteral("one"), 0.0, {}},
                                              {QStringLiteral("\n"), 0.0, {}},
                                              {QStringLiteral("two"), 0.0, {}}},
                                             2000.0, QApplication::font());
    QVERIFY(layout.boxes[1].isEmpty());
    QVERIFY(layout.boxes[2].top() > layout.boxes[0].top());
}

void TestShade::smallContrastsHaveNoFill()
{
    const Theme& theme = Theme::light();
    const std::vector<ShadedToken> tokens = sentence();
    const ShadedLayout layout = layOutShaded(tokens, 2000.0, QApplication::font());
    QImage image(600, 60, QImage::Format_RGB32);
    image.fill(theme.panel);
    QPainter painter(&image);
    drawShaded(painter, QPointF(), tokens, layout, theme);
    painter.end();
    QVERIFY(count(image, layout.boxes[2], theme.change(2.9 / kShadeRange)) > 50);
    QVERIFY(count(image, layout.boxes[3], theme.change(-2.9 / kShadeRange)) > 50);
    QCOMPARE(count(image, layout.boxes[0], theme.change(0.1 / kShadeRange)), 0);
}

void TestShade::arrowKeysWalkOverAllTokens()
{
    ShadedList list;
    list.resize(500, 200);
    list.setRows({{sentence(), QStringLiteral("+1.24")}, {sentence(), QStringLiteral("+0.81")}});
    for (int i = 0; i < 5; ++i)
        QTest::keyClick(&list, Qt::Key_Right);
    QCOMPARE(list.currentRow(), 1);
    QCOMPARE(list.currentToken(), 0);
    QCOMPARE(list.accessibleDescription(), QStringLiteral("first"));
    QTest::keyClick(&list, Qt::Key_Left);
    QCOMPARE(list.currentRow(), 0);
    QCOMPARE(list.currentToken(), 3);
    list.addRows({{sentence(), {}}}); // another text has come: the person stays where he is
    QCOMPARE(list.currentRow(), 0);
    QCOMPARE(list.currentToken(), 3);
    QTest::keyClick(&list, Qt::Key_End);
    QCOMPARE(list.rows().size(), std::size_t {3});
}

void TestShade::theTextIsKeptAsItWas()
{
    ShadedList list;
    list.setRows({{sentence(), {}}});
    QCOMPARE(list.plainText(), QStringLiteral("Yes. exchange page\n"));
}

QTEST_MAIN(TestShade)
#include "tst_shade.moc"
