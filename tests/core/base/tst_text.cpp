// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/text.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace tw;

namespace {

std::string messageOf(std::string_view json)
{
    try {
        parseJson(json, "settings.json");
        return {};
    } catch (const Error& error) {
        return error.what();
    }
}

} // namespace

class TestText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void illFormedBytesAreReplacedAsPythonDoes_data()
    {
        QTest::addColumn<QByteArray>("in");
        QTest::addColumn<QByteArray>("out");
        const QByteArray mark = "\xEF\xBF\xBD";
        QTest::newRow("well-formed") << QByteArray("a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80")
                                     << QByteArray("a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80");
        QTest::newRow("lone continuation") << QByteArray("a\x80z") << "a" + mark + "z";
        QTest::newRow("cut in the middle") << QByteArray("\xE4\xB8") << mark;
        QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << mark + mark + mark;
        QTest::newRow("overlong") << QByteArray("\xC0\xAF") << mark + mark;
        QTest::newRow("beyond the last plane")
            << QByteArray("\xF4\x90\x80\x80") << mark + mark + mark + mark;
    }

    void illFormedBytesAreReplacedAsPythonDoes()
    {
        QFETCH(QByteArray, in);
        QFETCH(QByteArray, out);
        QCOMPARE(QByteArray::fromStdString(repairedUtf8(in.toStdString())), out);
        QCOMPARE(isUtf8(in.toStdString()), in == out);
    }

    void numbersAreWrittenForPeople()
    {
        QCOMPARE(bytesInWords(98'000'000), std::string("98.0 MB"));
        QCOMPARE(bytesInWords(1), std::string("1 byte"));
        QCOMPARE(bytesInWords(1'500'000'000), std::string("1.50 GB"));
        QCOMPARE(groupedDigits(4'884'480), std::string("4,884,480"));
        QCOMPARE(groupedDigits(-1234), std::string("-1,234"));
        QCOMPARE(countInWords(134'515'008), std::string("134.5 million"));
        QCOMPARE(clockText(130), std::string("2:10"));
        QCOMPARE(clockText(3723), std::string("1:02:03"));
    }

    void brokenJsonNamesFileLineAndColumn()
    {
        const std::string message = messageOf("{\n  \"a\": 1,\n  \"b\": }\n");
        QVERIFY2(message.find("settings.json") != std::string::npos, message.c_str());
        QVERIFY2(message.find("line 3, column 8") != std::string::npos, message.c_str());
    }

    void jsonNestedTooDeepIsRefusedNotRecursedInto()
    {
        QVERIFY(messageOf(std::string(100'000, '[')).find("nested") != std::string::npos);
        QVERIFY(messageOf(std::string(100, '[') + std::string(100, ']')).empty());
        QVERIFY(messageOf("]]}{}").find("not valid") != std::string::npos);
    }

    void anObjectWithVeryManyKeysIsRefused()
    {
        const auto withKeys = [](int count) {
            std::string text = "[{";
            for (int i = 0; i < count; ++i)
                text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"::\"";
            return text + "}]";
        };
        QVERIFY(messageOf(withKeys(20'001)).find("20,000 keys") != std::string::npos);
        QVERIFY(messageOf(withKeys(500)).empty());
    }

    void streamsDependOnSeedAndNameOnly()
    {
        RandomStream a(7, "data");
        RandomStream b(7, "data");
        RandomStream other(7, "init");
        QCOMPARE(a.next(), b.next());
        QVERIFY(a.next() != other.next());
        const std::string state = a.state();
        const std::uint64_t next = a.next();
        b.restore(state);
        QCOMPARE(b.next(), next);
    }

    void drawsHaveTheirMoments()
    {
        RandomStream stream(1, "moments");
        double sum = 0.0;
        double squares = 0.0;
        constexpr int kCount = 100'000;
        for (int i = 0; i < kCount; ++i) {
            const double x = stream.normal();
            sum += x;
            squares += x * x;
        }
        // Six standard errors of mean and variance.
        QVERIFY(std::abs(sum / kCount) < 6.0 / std::sqrt(kCount));
        QVERIFY(std::abs(squares / kCount - 1.0) < 6.0 * std::sqrt(2.0 / kCount));
    }

    void aPermutationHasEveryNumberOnce()
    {
        auto order = RandomStream(3, "order").permutation(1000);
        QVERIFY(!std::is_sorted(order.begin(), order.end()));
        std::sort(order.begin(), order.end());
        std::vector<std::int64_t> all(1000);
        std::iota(all.begin(), all.end(), 0);
        QCOMPARE(order, all);
    }

    void aResultComesBackFromItsText()
    {
        AnalysisResult result;
        result.method = "spectra";
        result.title = "Spectra";
        result.provenance = R"({"seed":7})";
        result.numbers = {{"change", "Change", 1.25, "%", "of the size"}};
        result.tables = {{"t", "Table", {"a", "b"}, {{"1", "2"}}}};
        result.matrices = {{"m", "Matrix", "%", {"r"}, {"c1", "c2"}, {0.5, -1.0}, true}};
        result.series = {{"s", "Series", "x", "y", {1, 2}, {3, 4}}};
        result.texts = {{"text", {{"hello", 0.5, 12}}, 0.5}};
        QVERIFY(analysisResultFrom(toJsonText(result)) == result);
    }

    void notANumberStaysSo()
    {
        AnalysisResult result;
        result.provenance = "{}";
        result.numbers = {{"n", "N", std::numeric_limits<double>::quiet_NaN(), "", ""}};
        QVERIFY(std::isnan(analysisResultFrom(toJsonText(result)).numbers[0].value));
    }
};

QTEST_APPLESS_MAIN(TestText)
#include "tst_text.moc"
