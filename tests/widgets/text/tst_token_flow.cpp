// SPDX-License-Identifier: Apache-2.0
#include "widgets/text/token_flow.h"

#include <QElapsedTimer>
#include <QScrollBar>
#include <QSignalSpy>
#include <QtTest>

using namespace tw;

class TstTokenFlow : public QObject
{
    Q_OBJECT

private:
    static FlowToken token(const char* text, bool isTrained = false)
    {
        FlowToken out;
        out.text = QString::fromUtf8(text);
        out.isTrained = isTrained;
        return out;
    }

private Q_SLOTS:
    void spacesAndLineEndsCanBeSeen()
    {
        QCOMPARE(shownToken(QStringLiteral(" the")),
                 QString(QChar(0x00B7)) + QStringLiteral("the"));
        QCOMPARE(shownToken(QStringLiteral("\n")), QString(QChar(0x21B5)));
    }

    void tokensBreakAtTheEdgeAndAfterLineEnds()
    {
        TokenFlow flow;
        flow.resize(300, 200);
        flow.show();
        std::vector<FlowToken> tokens {token("first"), token("\n"), token("second")};
        for (int i = 0; i < 40; ++i)
            tokens.push_back(token(" word"));
        flow.setTokens(tokens);
        QCOMPARE(flow.tokenRect(0).top(), flow.tokenRect(1).top());
        QVERIFY(flow.tokenRect(2).top() > flow.tokenRect(1).top());
        for (int i = 0; i < static_cast<int>(tokens.size()); ++i)
            QVERIFY(flow.tokenRect(i).right() <= flow.viewport()->width());
        QVERIFY(flow.heightFor(150) > flow.heightFor(300));
    }

    void thePointerFindsItsTokenAndWordsSayWhatItIs()
    {
        TokenFlow flow;
        flow.resize(400, 100);
        flow.show();
        FlowToken prep = token(" prep", true);
        prep.id = 11862;
        flow.setTokens({token("Yes", true), prep});
        QCOMPARE(flow.tokenAt(flow.tokenRect(1).center()), 1);
        QCOMPARE(flow.tokenAt(QPoint(390, 90)), -1);
        QVERIFY(flow.words(1).contains(QString(QChar(0x2423)) + QStringLiteral("prep")));
        QVERIFY(flow.words(1).contains(QStringLiteral("11,862"))
                || flow.words(1).contains(QStringLiteral("11862")));
        QVERIFY(flow.words(1).contains(QStringLiteral("trained")));
    }

    void theArrowKeysWalkAndScroll()
    {
        TokenFlow flow;
        flow.resize(200, 60);
        flow.show();
        flow.setTokens(std::vector<FlowToken>(200, token(" word")));
        QSignalSpy moved(&flow, &TokenFlow::currentChanged);
        QTest::keyClick(&flow, Qt::Key_Right);
        QCOMPARE(flow.current(), 0);
        QTest::keyClick(&flow, Qt::Key_End);
        QCOMPARE(flow.current(), 199);
        QVERIFY(flow.verticalScrollBar()->value() > 0);
        QCOMPARE(moved.count(), 2);
        QVERIFY(!flow.accessibleDescription().isEmpty());
    }

    void trainedTokensAreFilledAndCutOnesAreNot()
    {
        TokenFlow flow;
        flow.resize(300, 60);
        FlowToken cut = token("MMMM", true);
        cut.isCut = true;
        flow.setTokens({token("MMMM", true), cut});
        const QImage image = flow.grab().toImage();
        const auto corner = [&](int index) {
            return image.pixelColor(flow.tokenRect(index).topLeft() + QPoint(4, 3));
        };
        QVERIFY(corner(0) != corner(1));
    }
};

QTEST_MAIN(TstTokenFlow)
#include "tst_token_flow.moc"
