// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/model/site.h"

#include <QTest>

using namespace tw;

class TestSite : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyKindComesBackFromItsId()
    {
        for (int i = 0; i <= static_cast<int>(SiteKind::Prompt); ++i) {
            const auto kind = static_cast<SiteKind>(i);
            QCOMPARE(siteFrom(siteId(kind)), kind);
        }
        QCOMPARE(siteId(SiteKind::MlpDown), "mlp.down");
    }

    void anUnknownSiteIsAnsweredWithTheKnownOnes()
    {
        try {
            siteFrom("attn.x");
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY(std::string(error.what()).find("attn.x") != std::string::npos);
            QVERIFY(error.hint().find("mlp.gate") != std::string::npos);
        }
    }

    void layersAreWrittenAsRanges_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("written");
        QTest::newRow("one layer") << "3"
                                   << "3";
        QTest::newRow("a range") << "0-29"
                                 << "0-29";
        QTest::newRow("both") << "0,4,8-11"
                              << "0,4,8-11";
        QTest::newRow("unordered, overlapping, with spaces") << " 5 - 7, 6, 1 ,2"
                                                             << "1-2,5-7";
        QTest::newRow("outside of the layers") << " -1 "
                                               << "-1";
        QTest::newRow("nothing") << ""
                                 << "";
    }

    void layersAreWrittenAsRanges()
    {
        QFETCH(QString, typed);
        QFETCH(QString, written);
        QCOMPARE(QString::fromStdString(layersText(layersFrom(typed.toStdString()))), written);
    }

    void placesOfTwoStacksOutsideOfTheirLayersAreOneSelection()
    {
        QCOMPARE(layersText({-1, -1}), std::string("-1"));
    }

    void whatIsNoListOfLayersIsRefused_data()
    {
        QTest::addColumn<QString>("typed");
        for (const char* text : {"a", "1,,2", "-3", "4-", "7-3", "1-2-3", "-1,2", "-1--1",
                                 "99999999999", "0-2000000000", "1.5"})
            QTest::newRow(text) << text;
    }

    void whatIsNoListOfLayersIsRefused()
    {
        QFETCH(QString, typed);
        QVERIFY_THROWS_EXCEPTION(Error, layersFrom(typed.toStdString()));
    }

    void aSelectionCountsItsPlaces()
    {
        QCOMPARE(countOf({{SiteKind::AttnQ, {0, 1, 2}}, {SiteKind::MlpUp, {5}}}), std::int64_t(4));
    }
};

QTEST_APPLESS_MAIN(TestSite)
#include "tst_site.moc"
