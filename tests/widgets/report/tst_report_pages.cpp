// SPDX-License-Identifier: Apache-2.0
#include "widgets/report/report_pages.h"

#include <QImage>
#include <QPainter>
#include <QTemporaryDir>
#include <QTest>

using namespace tw;

namespace {

ReportTable tableOf(int rows)
{
    ReportTable part;
    part.table.columns = QStringList {QStringLiteral("Setting"), QStringLiteral("Value")};
    for (int i = 0; i < rows; ++i)
        part.table.rows.push_back({QStringLiteral("setting %1").arg(i), QString::number(i)});
    return part;
}

QImage painted(const ReportPages& pages, int page)
{
    QImage image(ReportPages::pageSize().toSize(), QImage::Format_RGB32);
    QPainter painter(&image);
    pages.paint(painter, page);
    return image;
}

/// True where something other than paper lies in the rectangle.
bool hasInk(const QImage& image, const QRect& place)
{
    for (int y = place.top(); y <= place.bottom(); ++y)
        for (int x = place.left(); x <= place.right(); ++x)
            if (image.pixelColor(x, y) != QColor(Qt::white))
                return true;
    return false;
}

} // namespace

class TestReportPages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLongTableGoesOnOverTheNextPages();
    void aHeadingStaysWithWhatItNames();
    void whatIsTallerThanAPageStaysBelowItsHeading();
    void marginsStayEmptyOnEveryPage();
    void everyTextIsInThePlainText();
    void theFileIsAPdfOfAllPages();
    void aFolderThatDoesNotExistIsSaidInWords();
};

void TestReportPages::aLongTableGoesOnOverTheNextPages()
{
    QCOMPARE(ReportPages({tableOf(10)}).count(), 1);
    const ReportPages pages({tableOf(100)}); // 100 rows of 22 on pages with 955 to fill
    QCOMPARE(pages.count(), 3);
    QVERIFY(hasInk(painted(pages, 2), QRect(64, 64, 600, 100)));
}

void TestReportPages::aHeadingStaysWithWhatItNames()
{
    // 36 rows and their head fill 814 of 955 pixels: the heading would fit below, the curves do
    // not.
    const ReportBlock heading = ReportHeading {QStringLiteral("Curves"), {}};
    const ReportPages pages({tableOf(36), heading, ReportCurves {}});
    QCOMPARE(pages.count(), 2);
    QVERIFY(!hasInk(painted(pages, 0), QRect(64, 64 + 814 + 12, 660, 80)));
    QVERIFY(hasInk(painted(pages, 1), QRect(64, 64, 100, 24)));
    // with something small below it, it stays
    QVERIFY(hasInk(painted(ReportPages({tableOf(36), heading, tableOf(1)}), 0),
                   QRect(64, 64 + 814 + 12, 660, 80)));
}

void TestReportPages::whatIsTallerThanAPageStaysBelowItsHeading()
{
    ReportGrid grid;
    grid.data.layers = 2;
    for (int row = 0; row < 200; ++row)
        grid.data.rows << QStringLiteral("kind %1").arg(row);
    grid.data.values.assign(400, 1.0);
    const ReportPages pages({ReportHeading {QStringLiteral("Matrices"), {}}, grid});
    QCOMPARE(pages.count(), 1); // not a page with a heading alone, and the rest cut all the same
    const ReportPages later(
        {tableOf(10), ReportHeading {QStringLiteral("Matrices"), {}}, grid, tableOf(1)});
    QCOMPARE(later.count(), 3);
}

void TestReportPages::marginsStayEmptyOnEveryPage()
{
    const QString words =
        QStringLiteral("A long sentence about what was tuned and why. ").repeated(200);
    const ReportPages pages(
        {ReportHead {QStringLiteral("above"), QStringLiteral("Title"), QStringLiteral("below")},
         ReportText {words + QStringLiteral("\n\n") + words, true}, tableOf(60)});
    QVERIFY(pages.count() >= 2);
    const QSize size = ReportPages::pageSize().toSize();
    for (int page = 0; page < pages.count(); ++page) {
        const QImage image = painted(pages, page);
        QVERIFY(!hasInk(image, QRect(0, 0, 60, size.height())));
        QVERIFY(!hasInk(image, QRect(size.width() - 60, 0, 60, size.height())));
        QVERIFY(!hasInk(image, QRect(0, size.height() - 40, size.width(), 40)));
    }
}

void TestReportPages::everyTextIsInThePlainText()
{
    const ReportPages pages(
        {ReportHead {QStringLiteral("above"), QStringLiteral("Support answers"), {}},
         ReportFigures {
             {{QStringLiteral("Held-out"), QStringLiteral("1.31"), QStringLiteral("nats")}}},
         ReportText {QStringLiteral("Rank 4 stopped at **1.66**."), true}});
    for (const QString& words :
         {QStringLiteral("Support answers"), QStringLiteral("Held-out: 1.31 nats"),
          QStringLiteral("Rank 4 stopped at 1.66.")})
        QVERIFY2(pages.plainText().contains(words), qPrintable(pages.plainText()));
}

void TestReportPages::theFileIsAPdfOfAllPages()
{
    const ReportPages pages({tableOf(100)});
    const QTemporaryDir folder;
    const QString name = folder.filePath(QStringLiteral("report.pdf"));
    QCOMPARE(pages.savePdf(name, QStringLiteral("Report")), QString());
    QFile file(name);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    QVERIFY(bytes.startsWith("%PDF"));
    QVERIFY(bytes.contains("/Count 3"));
}

void TestReportPages::aFolderThatDoesNotExistIsSaidInWords()
{
    const QString problem =
        ReportPages({tableOf(1)}).savePdf(QStringLiteral("/nowhere/at/all/report.pdf"), {});
    QVERIFY2(problem.contains(QStringLiteral("/nowhere/at/all/report.pdf")), qPrintable(problem));
}

QTEST_MAIN(TestReportPages)
#include "tst_report_pages.moc"
