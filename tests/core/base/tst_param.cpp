// SPDX-License-Identifier: Apache-2.0
#include "core/base/param.h"

#include <QTest>

using namespace tw;

namespace {

struct Options
{
    std::int64_t rank = 8;
    double alpha = 16.0;
    std::string start = "default";
};

ParamTable<Options> table()
{
    ParamTable<Options> table;
    table.add(&Options::rank, "rank", "Rank").help("Width.").range(1, 64).source("test");
    table.add(&Options::alpha, "alpha", "Scale").help("Scale.").range(0, 100).source("test");
    table.add(&Options::start, "start", "Start")
        .help("How to start.")
        .choices({{"default", "Default"}, {"zero", "Zero"}});
    return table;
}

} // namespace

class TestParam : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsNotGivenHasTheDefaultOfTheStruct()
    {
        const Options options = table().read({{"rank", std::int64_t {4}}});
        QCOMPARE(options.rank, 4);
        QCOMPARE(options.alpha, 16.0);
        QCOMPARE(options.start, std::string("default"));
    }

    void aWholeNumberIsARealNumberToo()
    {
        QCOMPARE(table().read({{"alpha", std::int64_t {3}}}).alpha, 3.0);
    }

    void allProblemsAreFoundAtOnceEachAtItsField()
    {
        const Problems problems = checkValues(
            table().specs(),
            {{"rank", std::int64_t {65}}, {"start", std::string("odd")}, {"rnak", true}},
            "settings.");
        QCOMPARE(problems.size(), std::size_t {3});
        QCOMPARE(problems[0].field, std::string("settings.rank"));
        QVERIFY(problems[0].what.find("from 1 to 64") != std::string::npos);
        QVERIFY(problems[1].hint.find("rank, alpha, start") != std::string::npos);
        QVERIFY(problems[2].hint.find("default, zero") != std::string::npos);
    }

    void theSchemaNamesDefaultsAndBounds()
    {
        const std::string schema = jsonSchema(table().specs());
        QVERIFY(schema.find("\"maximum\": 64") != std::string::npos);
        QVERIFY(schema.find("\"additionalProperties\": false") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestParam)
#include "tst_param.moc"
