// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/report/axis.h"
#include "core/report/drawing.h"
#include "core/report/html.h"
#include "core/report/markdown.h"
#include "core/report/palette.h"
#include "core/report/registry.h"

#include <QRegularExpression>
#include <QTest>
#include <QXmlStreamReader>

#include <cmath>
#include <limits>
#include <set>

using namespace tw;

namespace {

const std::string kHostile = "</script><img src=x onerror=alert(1)> \"'&\x01\xff end";

ReportInput everything(const std::string& text)
{
    ReportInput input;
    input.title = text;
    input.subtitle = text;
    input.project = text;
    input.date = text;
    input.figures = {{text, text, text}};
    input.findings = {{text, text}};
    input.sources = {{text, text, text, text, {{text, text}}}};
    input.settings = {{text, text, text, "other"}};
    input.versions = {{text, text}};
    input.runColumns = {text};
    input.runs = {{text, {text}}};
    input.charts = {
        {"loss", text, text, text, {{"train", text, "", "", {0, 1, 2}, {3, 2, 1.5}}}, false}};
    input.notes = {{text, text}};
    AnalysisResult result;
    result.method = result.title = result.summary = text;
    result.provenance = "{\"model\": \"</script>\"}";
    result.numbers = {{"n", text, 3.5, text, text}};
    result.tables = {{"t", text, {text}, {{text}}}};
    result.matrices = {{"change", text, text, {text}, {text}, {0.5}, false}};
    result.series = {{"s", text, text, text, {0, 1}, {1, 2}}};
    result.texts = {{text, {{text, 2.5, 1}}, 2.5}};
    input.analyses = {result};
    input.samples = {{text, text, text, text, text}};
    input.experiments = {{text, "{\"name\": \"</script><script>alert(1)</script>\"}"},
                         {text, "{\"name\": \"the second\"}"}};
    input.runCommand = text;
    return input;
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class TestReport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatATextContainsNeverBecomesPartOfThePage()
    {
        const std::string page = reportHtml(everything(kHostile));
        QVERIFY(!contains(page, "<img"));
        QVERIFY(!contains(page, "</script><script>alert"));
        QVERIFY(contains(page, "&lt;img src=x onerror=alert(1)&gt;"));
        QVERIFY(contains(page, "\uFFFD end")); // the bad byte was repaired
        const QString text = QString::fromStdString(page);
        // The page's own: the data, two experiments and one script.
        QCOMPARE(text.count(QStringLiteral("<script")), 4);
        QCOMPARE(text.count(QStringLiteral("</script>")), 4);
    }

    void everySectionShowsWhatItIsGiven()
    {
        const ReportInput input = everything("word");
        for (const auto& section : reportSections().all()) {
            QVERIFY2(!section->html(input).empty(), section->id.c_str());
            QVERIFY(!section->title.empty() && !section->summary.empty());
            QVERIFY2(section->html({}).empty(), section->id.c_str());
        }
    }

    void everyElementIsClosed_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("plain words") << QStringLiteral("word");
        QTest::newRow("hostile words") << QString::fromStdString(html::escaped(kHostile));
        QTest::newRow("nothing") << QString();
    }

    void everyElementIsClosed()
    {
        QFETCH(QString, text);
        QString page = QString::fromStdString(reportHtml(everything(text.toStdString())));
        // As XML but for the elements that HTML leaves open, the style and the scripts.
        page.remove(QRegularExpression(QStringLiteral("<!DOCTYPE html>|<meta[^>]*>")));
        page.remove(QRegularExpression(QStringLiteral("<(style|script)[^>]*>.*?</\\1>"),
                                       QRegularExpression::DotMatchesEverythingOption));
        page.replace(QStringLiteral("&nbsp;"), QStringLiteral(" "));
        page.replace(QStringLiteral("<hr>"), QString());
        QXmlStreamReader reader(page);
        while (!reader.atEnd())
            reader.readNext();
        QVERIFY2(!reader.hasError(),
                 qPrintable(reader.errorString()
                            + QStringLiteral(" in line %1").arg(reader.lineNumber())));
    }

    void thePageRefersToNothingElse()
    {
        ReportInput input = everything("word");
        input.notes = {
            {"", "![picture](http://example.org/x.png) <img src=\"http://example.org/y.png\">"}};
        const QString page = QString::fromStdString(reportHtml(input));
        QVERIFY(!page.contains(
            QRegularExpression(QStringLiteral("<(img|link|iframe|object|embed|audio|video)"))));
        QVERIFY(!page.contains(QRegularExpression(QStringLiteral("(src|href)=\"(?!#)"))));
        QVERIFY(!page.contains(QStringLiteral("@import")));
        QVERIFY(!page.contains(QStringLiteral("url(")));
    }

    void idsAreUnique()
    {
        const QString page = QString::fromStdString(reportHtml(everything("word")));
        std::set<QString> seen;
        QRegularExpressionMatchIterator ids =
            QRegularExpression(QStringLiteral(" id=\"([^\"]*)\"")).globalMatch(page);
        while (ids.hasNext()) {
            const QString id = ids.next().captured(1);
            QVERIFY2(seen.insert(id).second, qPrintable(id));
        }
        QVERIFY(seen.size() > 10);
    }

    void sectionsComeInTheOrderThatWasAskedFor()
    {
        const std::string page = reportHtml(everything("word"), {"samples", "runs"});
        QVERIFY(page.find("<section id=\"samples\"") < page.find("<section id=\"runs\""));
        QVERIFY(!contains(page, "<section id=\"curves\""));
    }

    void anUnknownSectionIsAnsweredWithTheKnownOnes()
    {
        try {
            reportHtml({}, {"epilogue"});
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY(contains(error.hint(), "what-happened"));
        }
    }

    void theNumbersBehindACurveAreInThePage()
    {
        ReportInput input;
        input.charts = {{"loss",
                         "Loss",
                         "step",
                         "nats",
                         {{"a", "held-out", "", "", {0, 100}, {2.875, 1.3125}}},
                         false}};
        QVERIFY(
            contains(reportHtml(input), "line,step,nats\nheld-out,0,2.875\nheld-out,100,1.3125\n"));
    }

    void aMissingPointLeavesTheRestOfALine()
    {
        const double none = std::numeric_limits<double>::quiet_NaN();
        ReportChart chart {
            "c", "C", "x", "y", {{"a", "line", "", "", {0, 1, 2, 3}, {1, none, 3, none}}}, false};
        const std::string drawing = lineChart(chart);
        QVERIFY(contains(drawing, "line 3"));
        QVERIFY(!contains(drawing, "nan"));
        chart.lines[0].y = {none, none, none, none};
        QVERIFY(lineChart(chart).empty());
    }

    void csvFieldsAreQuotedAndNeverRunAsFormulas()
    {
        QCOMPARE(html::csv({{"a", "b"}, {{"x,\"y\"", "=1+1"}, {"-3.5", "line\nend"}}}),
                 std::string("a,b\n\"x,\"\"y\"\"\",'=1+1\n-3.5,\"line\nend\"\n"));
    }

    void markdownBecomesHtml_data()
    {
        QTest::addColumn<QString>("markdown");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const char* markdown, const char* expected) {
            QTest::newRow(name) << QString::fromUtf8(markdown) << QString::fromUtf8(expected);
        };
        row("strong", "Rank 4 stopped at **1.66**.",
            "<p>Rank 4 stopped at <strong>1.66</strong>.</p>\n");
        row("list", "- a\n- b\n", "<ul><li>a</li>\n<li>b</li>\n</ul>\n");
        row("list from 3", "3. a\n", "<ol start=\"3\"><li>a</li>\n</ol>\n");
        row("heading below the section's", "# Why", "<h3>Why</h3>\n");
        row("html is shown", "a <b>x</b>", "<p>a &lt;b&gt;x&lt;/b&gt;</p>\n");
        row("html block is shown", "<script>alert(1)</script>",
            "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n");
        row("link", "[a](https://example.org/?a=1&b=2)",
            "<p><a rel=\"noreferrer\" href=\"https://example.org/?a=1&amp;b=2\">a</a></p>\n");
        row("script link", "[a](javascript:alert(1))", "<p><a>a</a></p>\n");
        row("script link with an entity", "[a](java&#115;cript:alert(1))", "<p><a>a</a></p>\n");
        row("link that leaves its attribute", "[a](<https://x\" onclick=\"alert(1)>)",
            "<p><a rel=\"noreferrer\" href=\"https://x&quot; onclick=&quot;alert(1)\">a</a></p>\n");
        row("picture", "![a dog](dog.png)", "<p>[picture: a dog]</p>\n");
        row("code", "`a<b`", "<p><code>a&lt;b</code></p>\n");
        row("table", "|a|b|\n|---|--:|\n|1|2|\n",
            "<table><thead><tr><th>a</th>\n<th "
            "class=\"n\">b</th>\n</tr>\n</thead>\n<tbody><tr><td>1</td>\n<td "
            "class=\"n\">2</td>\n</tr>\n</tbody>\n</table>\n");
    }

    void markdownBecomesHtml()
    {
        QFETCH(QString, markdown);
        QFETCH(QString, expected);
        QCOMPARE(QString::fromStdString(markdownToHtml(markdown.toStdString())), expected);
    }

    void theColourScaleIsTheOneOfTheWindow()
    {
        QCOMPARE(palette::magnitudeStep(0.0, 7.0), 0);
        QCOMPARE(palette::magnitudeStep(7.0, 7.0), palette::kMagnitudeSteps - 1);
        QCOMPARE(palette::magnitudeStep(3.5, 7.0),
                 static_cast<int>(std::lround(48 * std::pow(0.5, 0.75))));
        QCOMPARE(palette::changeStep(0.0, 3.0), 24);
        QCOMPARE(palette::changeStep(-9.0, 3.0), 0);
        const std::string rules = palette::styleSheet();
        QVERIFY(contains(rules, ".m0{--c:#F2F5E8;--on:#000}"));
        QVERIFY(contains(rules, ".m48{--c:#272455;--on:#fff}"));
        QVERIFY(contains(rules, ".m8{--c:#B6D9BC"));
        QVERIFY(contains(rules, ".m0{--c:#20222D;--on:#fff}")); // dark
    }

    void ticksAreRound_data()
    {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<bool>("isLogarithmic");
        QTest::addColumn<QStringList>("labels");
        QTest::newRow("losses") << 1.1 << 2.9 << false
                                << QStringList({"1.0", "1.5", "2.0", "2.5", "3.0"});
        QTest::newRow("steps") << 0.0 << 400.0 << false
                               << QStringList({"0", "100", "200", "300", "400"});
        QTest::newRow("small") << 0.0 << 0.08 << false
                               << QStringList({"0.00", "0.02", "0.04", "0.06", "0.08"});
        QTest::newRow("below zero")
            << -0.1 << 0.1 << false << QStringList({"−0.10", "−0.05", "0.00", "0.05", "0.10"});
        QTest::newRow("decades") << 0.001 << 1.0 << true
                                 << QStringList({"0.001", "0.01", "0.1", "1"});
    }

    void ticksAreRound()
    {
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(bool, isLogarithmic);
        QFETCH(QStringList, labels);
        const Axis axis(low, high, 0, 100, isLogarithmic);
        QStringList actual;
        for (const double tick : axis.ticks())
            actual.append(QString::fromStdString(axis.label(tick)));
        QCOMPARE(actual, labels);
    }

    void oneValueStillHasAnAxis()
    {
        for (const bool isLogarithmic : {false, true}) {
            const Axis axis(2.5, 2.5, 0, 100, isLogarithmic);
            QVERIFY(axis.ticks().size() >= 2);
            QVERIFY(std::isfinite(axis.pixel(2.5)));
        }
    }
};

QTEST_APPLESS_MAIN(TestReport)
#include "tst_report.moc"
