// SPDX-License-Identifier: Apache-2.0
#include "tests/core/objective/label_cases.h"

#include <QTest>

using namespace tw;

namespace {
constexpr const char* kId = "token_classification";
}

class TestTokenClassification : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void lossesAndGradientsAreThoseOfTransformers_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto& [name, stored] : labelCases(kId))
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void lossesAndGradientsAreThoseOfTransformers()
    {
        QFETCH(QString, name);
        const LabelCase stored = labelCases(kId).at(name.toStdString());
        const std::string fault = compared(kId, stored);
        QVERIFY2(fault.empty(), fault.c_str());
    }

    void onlyLabelledTokensAreSaidAndCounted()
    {
        const LabelCase stored = labelCases(kId).at("bert_tokens");
        const auto model = loaded(stored.model);
        const Predictions found = objectives().at(kId).predict(*model, stored.batch, {});
        QVERIFY(found.kind == Predictions::Kind::TokenClasses);
        std::vector<std::size_t> counts;
        for (std::size_t row = 0; row < found.said.size(); ++row) {
            QCOMPARE(found.said[row].size(), found.truth[row].size());
            counts.push_back(found.said[row].size());
        }
        QCOMPARE(counts, (std::vector<std::size_t> {9, 2, 5})); // without first and last tokens
        QCOMPARE(objectives().at(kId).loss(*model, stored.batch, {}).count, 16);
    }

    void aLabelThatTheHeadDoesNotHaveIsRefused()
    {
        LabelCase stored = labelCases(kId).at("bert_tokens");
        stored.batch.targets[1] = 99;
        QVERIFY_THROWS_EXCEPTION(
            Error, objectives().at(kId).loss(*loaded(stored.model), stored.batch, {}));
    }
};

QTEST_APPLESS_MAIN(TestTokenClassification)
#include "tst_token_classification.moc"
