// SPDX-License-Identifier: Apache-2.0
#include "widgets/theme/icon.h"
#include "widgets/theme/look.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QApplication>
#include <QDir>
#include <QtTest>

using namespace tw;

class TstTheme : public QObject
{
    Q_OBJECT

private:
    /// The lowest contrast of an ink over all surfaces that it may appear on.
    static double lowest(const QColor& ink, const std::vector<QColor>& surfaces)
    {
        double least = 21.0;
        for (const QColor& surface : surfaces)
            least = std::min(least, Theme::contrast(ink, surface));
        return least;
    }

private Q_SLOTS:
    void blackOnWhiteHasTheLargestContrast()
    {
        QCOMPARE(Theme::contrast(Qt::black, Qt::white), 21.0);
        QCOMPARE(Theme::contrast(Qt::white, Qt::white), 1.0);
        // WCAG's own example of a grey that just passes on white.
        QVERIFY(std::abs(Theme::contrast(QColor(0x767676), Qt::white) - 4.54) < 0.01);
    }

    void textCanBeReadOnEverySurface()
    {
        for (const Theme* theme : {&Theme::light(), &Theme::dark()}) {
            const std::vector<QColor> surfaces {theme->canvas, theme->panel, theme->raised,
                                                theme->rail,   theme->hover, theme->quiet,
                                                theme->soft};
            QVERIFY(lowest(theme->ink, surfaces) >= 10.9);
            QVERIFY(lowest(theme->ink2, surfaces) >= 6.5);
            QVERIFY(lowest(theme->ink3, surfaces) >= 4.5);
            QVERIFY(lowest(theme->accent, surfaces) >= 4.5);
            QVERIFY(Theme::contrast(theme->onAccent, theme->accent) >= 5.4);
            QVERIFY(Theme::contrast(theme->warn, theme->warnSoft) >= 4.5);
            QVERIFY(Theme::contrast(theme->error, theme->errorSoft) >= 4.5);
            QVERIFY(Theme::contrast(theme->field, theme->panel)
                    >= 3.0); // not text: borders of fields
        }
    }

    void everyDataColourCarriesBlackOrWhiteText()
    {
        for (const Theme* theme : {&Theme::light(), &Theme::dark()}) {
            for (int i = 0; i <= 100; ++i) {
                for (const QColor& color :
                     {theme->magnitude(i / 100.0), theme->change(i / 50.0 - 1.0)})
                    QVERIFY(Theme::contrast(Theme::textOn(color), color) >= 4.58);
            }
        }
    }

    void linesStandOutFromThePanel()
    {
        for (const Theme* theme : {&Theme::light(), &Theme::dark()}) {
            for (int line = 1; line <= 6; ++line)
                QVERIFY(Theme::contrast(theme->series(line), theme->panel) >= 3.0);
            QCOMPARE(theme->series(7), theme->series(1));
        }
    }

    void magnitudeGrowsInOneDirectionOfLightness()
    {
        const auto lightness = [](const QColor& c) { return Theme::contrast(c, Qt::black); };
        for (int i = 1; i <= 60; ++i) {
            QVERIFY(lightness(Theme::light().magnitude(i / 60.0))
                    < lightness(Theme::light().magnitude((i - 1) / 60.0)));
            QVERIFY(lightness(Theme::dark().magnitude(i / 60.0))
                    > lightness(Theme::dark().magnitude((i - 1) / 60.0)));
        }
    }

    void stopsAndEndsAreExact()
    {
        QCOMPARE(Theme::light().magnitude(0.0), QColor(0xF2F5E8));
        QCOMPARE(Theme::light().magnitude(2.0), QColor(0x272455));
        QCOMPARE(Theme::light().change(0.0), QColor(0xF6F6F5));
        QCOMPARE(Theme::dark().change(-1.0), QColor(0x8FC0FA));
    }

    void theApplicationFollowsTheChosenLook()
    {
        applyLook(*qApp, LookMode::Dark);
        QVERIFY(Theme::current().isDark);
        QVERIFY(!qApp->styleSheet().isEmpty());
        QVERIFY2(!qApp->styleSheet().contains(QLatin1Char('@')),
                 "a name in the style sheet is no colour of the theme");
        applyLook(*qApp, LookMode::Light);
        QVERIFY(!Theme::current().isDark);
    }

    void everyIconDrawsSomethingInItsColour()
    {
        applyLook(*qApp, LookMode::Light);
        const QStringList files = QDir(QStringLiteral(":/icons")).entryList();
        QVERIFY(files.size() > 30);
        for (const QString& file : files) {
            const QImage image = linePixmap(file.chopped(4), 20, Qt::red, 1.0).toImage();
            int red = 0;
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < image.width(); ++x)
                    red +=
                        image.pixelColor(x, y).alpha() > 60 && image.pixelColor(x, y).red() > 200;
            }
            QVERIFY2(red > 4, qPrintable(file));
        }
    }

    void digitsAreEquallyWideInTables()
    {
        const QFont font = textFont(TextType::Table);
        QCOMPARE(tabularWidth(font, QStringLiteral("1111")),
                 tabularWidth(font, QStringLiteral("8888")));
    }
};

QTEST_MAIN(TstTheme)
#include "tst_theme.moc"
