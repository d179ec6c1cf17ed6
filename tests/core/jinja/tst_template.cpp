// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/jinja/template.h"

#include <QTest>

#include <thread>

using namespace tw;

namespace {

const Json& fixture()
{
    static const Json json = readJsonFile(TW_FIXTURES "/jinja/cases.json", 10'000'000);
    return json;
}

/// Templates in the manner of well-known models.
const Json& families()
{
    static const Json json = readJsonFile(TW_FIXTURES "/jinja/families.json", 10'000'000);
    return json;
}

std::string templateText(const std::string& name)
{
    return readFile(std::string(TW_FIXTURES "/jinja/templates/") + name, 1'000'000);
}

/// What rendering gives, in the form of the fixture; errors give only that they happened.
Json rendered(const std::string& source, const Json& variables)
{
    try {
        const jinja::Rendered result = jinja::Template(source).render(
            variables.dump(), fixture().at("now").get<std::string>());
        Json spans = Json::array();
        for (const auto& [start, end] : result.generationSpans)
            spans.push_back({start, end});
        return {{"text", result.text}, {"spans", spans}};
    } catch (const Error& error) {
        return {{"error", error.what()}};
    }
}

void compare(const Json& expected, const Json& got)
{
    const auto said = [](const Json& json) {
        return QString::fromStdString(json.dump(-1, ' ', false, Json::error_handler_t::replace));
    };
    if (expected.contains("error")) {
        QVERIFY2(got.contains("error"),
                 qPrintable(QStringLiteral("should fail, gives ") + said(got)));
        return;
    }
    QCOMPARE(said(got),
             said(Json {{"text", expected.at("text")}, {"spans", expected.at("spans")}}));
}

std::string failureOf(const std::string& source, const std::string& variables = "{}")
{
    try {
        jinja::Template(source).render(variables);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestTemplate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void chatTemplatesRenderAsInTransformers_data()
    {
        QTest::addColumn<int>("index");
        int index = 0;
        for (const Json& item : fixture().at("cases")) {
            const std::string name = item.at("template").get<std::string>() + ", "
                + item.at("conversation").get<std::string>();
            QTest::newRow(name.c_str()) << index++;
        }
    }
    void chatTemplatesRenderAsInTransformers()
    {
        QFETCH(int, index);
        const Json& item = fixture().at("cases").at(static_cast<std::size_t>(index));
        const Json& variables =
            fixture().at("conversations").at(item.at("conversation").get<std::string>());
        compare(item, rendered(templateText(item.at("template").get<std::string>()), variables));
    }

    void familiesOfModelsRenderAsInTransformers_data()
    {
        QTest::addColumn<int>("index");
        int index = 0;
        for (const Json& item : families().at("cases")) {
            const std::string name = item.at("template").get<std::string>() + ", "
                + item.at("conversation").get<std::string>();
            QTest::newRow(name.c_str()) << index++;
        }
    }
    void familiesOfModelsRenderAsInTransformers()
    {
        QFETCH(int, index);
        const Json& item = families().at("cases").at(static_cast<std::size_t>(index));
        compare(item,
                rendered(
                    templateText("../families/" + item.at("template").get<std::string>()),
                    families().at("conversations").at(item.at("conversation").get<std::string>())));
    }

    void snippetsGiveWhatJinjaGives_data()
    {
        QTest::addColumn<int>("index");
        int index = 0;
        for (const Json& item : fixture().at("snippets")) {
            const std::string source = item.at("source").get<std::string>();
            QTest::newRow((std::to_string(index) + " " + source).c_str()) << index;
            ++index;
        }
    }
    void snippetsGiveWhatJinjaGives()
    {
        QFETCH(int, index);
        const Json& item = fixture().at("snippets").at(static_cast<std::size_t>(index));
        compare(item, rendered(item.at("source").get<std::string>(), fixture().at("variables")));
    }

    /// A hair above the middle of two floats: Python 3.11 rounds up, and the middle itself to even.
    void quotientsOfLargeWholesAreTheNearestFloats()
    {
        const auto printed = [](const char* source) {
            return rendered(source, Json::object()).value("text", std::string());
        };
        QCOMPARE(printed("{{ ((2**53+1)*2**300+1)/1 }}"), std::string("1.8347988927920576e+106"));
        QCOMPARE(printed("{{ ((2**53+1)*2**300)/1 }}"), std::string("1.8347988927920572e+106"));
    }

    void errorsNameLineAndColumn_data()
    {
        QTest::addColumn<QByteArray>("source");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("syntax") << QByteArray("a\n{% if x %}\nb")
                                << QByteArray("not valid at line 3, column 2");
        QTest::newRow("unknown filter")
            << QByteArray("a\n  {{ 1 | nosuch }}")
            << QByteArray("line 2, column 10: No filter named 'nosuch'");
        QTest::newRow("undefined")
            << QByteArray("ä {{ x.y.z }}") << QByteArray("line 1, column 7: 'x' is undefined");
        QTest::newRow("raised") << QByteArray("\n\n{{ raise_exception('No system role') }}")
                                << QByteArray("line 3, column 19: No system role");
    }
    void errorsNameLineAndColumn()
    {
        QFETCH(QByteArray, source);
        QFETCH(QByteArray, says);
        const std::string failure = failureOf(source.toStdString());
        QVERIFY2(failure.find(says.toStdString()) != std::string::npos, failure.c_str());
    }

    void hostileTemplatesAreStopped_data()
    {
        QTest::addColumn<QByteArray>("source");
        QTest::newRow("endless work") << QByteArray(
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}");
        QTest::newRow("huge text") << QByteArray("{{ 'a' * 9000000000 }}");
        QTest::newRow("doubling text")
            << QByteArray("{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x "
                          "~ n.x %}{% endfor %}");
        QTest::newRow("doubling lists that are printed")
            << QByteArray("{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = "
                          "[n.x, n.x] %}{% endfor %}{{ n.x }}");
        QTest::newRow("doubling lists that are compared")
            << QByteArray("{% set n = namespace(x=[1], y=[1]) %}{% for i in range(99) %}{% set n.x "
                          "= [n.x, n.x] %}{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}");
        QTest::newRow("nested values")
            << QByteArray("{% set n = namespace(x=[]) %}{% for i in range(9999) %}{% set n.x = "
                          "[n.x] %}{% endfor %}");
        QTest::newRow("nested generators")
            << QByteArray("{% set n = namespace(x=[1]) %}{% for i in range(9999) %}{% set n.x = "
                          "n.x | map('string') %}{% endfor %}{{ n.x | list }}");
        QTest::newRow("a namespace in itself")
            << QByteArray("{% set n = namespace() %}{% set n.x = n %}{{ n }}");
        QTest::newRow("endless recursion")
            << QByteArray("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
        QTest::newRow("deep parentheses") << QByteArray("{{ ") + QByteArray(100'000, '(');
        QTest::newRow("deep lists") << QByteArray("{{ ") + QByteArray(100'000, '[');
        QTest::newRow("many signs")
            << QByteArray("{{ ") + QByteArray(100'000, '-') + QByteArray("1 }}");
        QTest::newRow("long sum") << QByteArray("{{ 1") + QByteArray("+1").repeated(100'000)
                + QByteArray(" }}");
        QTest::newRow("long filter chain")
            << QByteArray("{{ 1") + QByteArray("|string").repeated(100'000) + QByteArray(" }}");
        QTest::newRow("deep blocks") << QByteArray("{% if 1 %}").repeated(100'000);
        QTest::newRow("wide format") << QByteArray("{{ '%999999999d' % 1 }}");
        QTest::newRow("wide braces") << QByteArray("{{ '{:999999999}'.format(1) }}");
        QTest::newRow("many wide formats")
            << QByteArray("{% for i in range(99999) %}{% set x = '%999999s' % 1 %}{% endfor %}");
        QTest::newRow("many wide braces")
            << QByteArray("{% for i in range(99999) %}{% set x = '{:999999}'.format(1) %}"
                          "{% endfor %}");
        const QByteArray megabyte("{% set t = 'a' * 999999 %}{% for i in range(99999) %}");
        QTest::newRow("many long joins")
            << megabyte + QByteArray("{% set x = t.join(['b', 'c']) %}{% endfor %}");
        QTest::newRow("counting a long text")
            << megabyte + QByteArray("{% set x = t | length %}{% endfor %}");
        QTest::newRow("counting a long text's words")
            << megabyte + QByteArray("{% set x = t | wordcount %}{% endfor %}");
        QTest::newRow("comparing long texts") << QByteArray("{% set u = 'a' * 999999 %}") + megabyte
                + QByteArray("{% set x = t == u %}{% endfor %}");
        QTest::newRow("cutting a long text")
            << megabyte + QByteArray("{% set x = '%.1s' % t %}{% endfor %}");
        QTest::newRow("whole numbers without end")
            << QByteArray("{% set n = namespace(x=2) %}{% for i in range(99) %}{% set n.x = n.x * "
                          "n.x %}{% endfor %}");
        QTest::newRow("a power without end") << QByteArray("{{ 9 ** 999999999 }}");
        QTest::newRow("a surrogate") << QByteArray("{{ '%c' % 55296 }}");
        QTest::newRow("a surrogate in braces") << QByteArray("{{ '{:c}'.format(57343) }}");
    }
    void hostileTemplatesAreStopped()
    {
        QFETCH(QByteArray, source);
        QVERIFY(!failureOf(source.toStdString()).empty());
    }

    void whatIsNoJsonObjectIsRefused()
    {
        QVERIFY(!failureOf("a", "[1]").empty());
        QVERIFY(!failureOf("a", "{").empty());
    }

    void manyThreadsMayRenderTheSameTemplate()
    {
        const jinja::Template chat(templateText("qwen25_tools.jinja"));
        const std::string variables =
            fixture().at("conversations").at("tools and their answers").dump();
        const std::string expected = chat.render(variables).text;
        std::vector<std::thread> threads;
        std::atomic<int> equal = 0;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int round = 0; round < 20; ++round)
                    equal += chat.render(variables).text == expected ? 1 : 0;
            });
        for (std::thread& thread : threads)
            thread.join();
        QCOMPARE(equal.load(), 80);
    }
};

QTEST_APPLESS_MAIN(TestTemplate)
#include "tst_template.moc"
