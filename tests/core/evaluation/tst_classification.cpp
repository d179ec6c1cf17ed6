// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/evaluation/classification.h"

#include <QTest>

#include <cmath>

using namespace tw;

namespace {

/// Scores of scikit-learn, SciPy and seqeval.
Json stored()
{
    return Json::parse(readFile(TW_FIXTURES "/evaluation/scores.json", 1 << 20));
}

bool isNear(double a, const Json& b)
{
    return std::abs(a - b.get<double>()) < 1e-12;
}

bool isNear(const Found& found, const Json& expected)
{
    return isNear(found.precision, expected.at("precision"))
        && isNear(found.recall, expected.at("recall")) && isNear(found.f1, expected.at("f1"));
}

bool areNear(const ClassificationScores& scores, const Json& expected)
{
    for (std::size_t i = 0; i < scores.classes.size(); ++i) {
        const Json& each = expected.at("each");
        const Found& found = scores.classes[i].found;
        if (!isNear(found.precision, each.at("precision").at(i))
            || !isNear(found.recall, each.at("recall").at(i))
            || !isNear(found.f1, each.at("f1").at(i)))
            return false;
    }
    return isNear(scores.accuracy, expected.at("accuracy"))
        && isNear(scores.macro, expected.at("macro")) && isNear(scores.micro, expected.at("micro"));
}

using Classes = std::vector<std::int64_t>;
using Numbers = std::vector<double>;
using Rows = std::vector<std::vector<double>>;
using Tags = std::vector<std::vector<std::string>>;

} // namespace

class TestClassification : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void classesAreScoredAsScikitLearnDoes_data()
    {
        QTest::addColumn<QString>("name");
        const Json all = stored();
        for (const auto& [name, expected] : all.at("classes").items())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void classesAreScoredAsScikitLearnDoes()
    {
        QFETCH(QString, name);
        const Json expected = stored().at("classes").at(name.toStdString());
        const auto scores =
            classificationScores(expected.at("truth"), expected.at("said"), expected.at("classes"));
        QVERIFY(areNear(scores, expected));
        QVERIFY(Json(scores.confusion) == expected.at("confusion"));
    }

    void severalLabelsAreScoredAsScikitLearnDoes()
    {
        const Json expected = stored().at("flags");
        const auto scores =
            flagScores(expected.at("truth").get<Rows>(), expected.at("said").get<Rows>());
        QVERIFY(areNear(scores, expected));
        QVERIFY(scores.confusion.empty());
    }

    void entitiesAreScoredAsSeqevalDoes()
    {
        const Json expected = stored().at("tags");
        QVERIFY(
            isNear(entityScores(expected.at("truth").get<Tags>(), expected.at("said").get<Tags>()),
                   expected));
    }

    void anEntityCountsOnlyWhole()
    {
        const Found found =
            entityScores({{"B-PER", "I-PER", "O", "B-LOC"}}, {{"B-PER", "O", "O", "B-LOC"}});
        QCOMPARE(found.precision, 0.5);
        QCOMPARE(found.recall, 0.5);
    }

    void tagsOfEntitiesAreToldFromOtherLabels()
    {
        QVERIFY(areEntityTags({"O", "B-PER", "I-PER"}));
        QVERIFY(!areEntityTags({"NOUN", "VERB"}));
        QVERIFY(!areEntityTags({"O"}));
    }

    void numbersAreScoredAsScikitLearnAndSciPyDo()
    {
        const Json expected = stored().at("numbers");
        const NumberScores scores =
            numberScores(expected.at("truth").get<Numbers>(), expected.at("said").get<Numbers>());
        QVERIFY(isNear(scores.squaredError, expected.at("squaredError")));
        QVERIFY(isNear(scores.absoluteError, expected.at("absoluteError")));
        QVERIFY(isNear(scores.pearson, expected.at("pearson")));
        QVERIFY(isNear(scores.spearman, expected.at("spearman")));
    }

    void whatCannotBeScoredIsRefused()
    {
        QVERIFY_THROWS_EXCEPTION(Error, classificationScores({0, 1}, {0}, 2));
        QVERIFY_THROWS_EXCEPTION(Error, classificationScores({0, 2}, {0, 1}, 2));
        QVERIFY_THROWS_EXCEPTION(Error, flagScores({{1, 0}}, {{1}}));
        QVERIFY_THROWS_EXCEPTION(Error, entityScores({{"O"}}, {{"O", "O"}}));
        QVERIFY(std::isnan(numberScores({1, 1}, {1, 2}).pearson));
        QCOMPARE(classificationScores({}, {}, 2).accuracy, 0.0);
    }
};

QTEST_APPLESS_MAIN(TestClassification)
#include "tst_classification.moc"
