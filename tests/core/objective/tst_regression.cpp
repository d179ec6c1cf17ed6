// SPDX-License-Identifier: Apache-2.0
#include "tests/core/objective/label_cases.h"

#include <QTest>

using namespace tw;

namespace {
constexpr const char* kId = "regression";
}

class TestRegression : public QObject
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

    void whatIsSaidExactlyCostsNothing()
    {
        LabelCase stored = labelCases(kId).begin()->second;
        const auto model = loaded(stored.model);
        stored.batch.labels = objectives().at(kId).predict(*model, stored.batch, {}).said;
        const LossSum loss = objectives().at(kId).loss(*model, stored.batch, {});
        QVERIFY(loss.sum.item<double>() < 1e-10);
        QVERIFY(loss.measures.at("absoluteError") < 1e-5);
        for (double& number : stored.batch.labels[1])
            number += 0.5;
        const LossSum off = objectives().at(kId).loss(*model, stored.batch, {});
        QVERIFY(std::abs(off.sum.item<double>() - 0.25) < 1e-5);
        QVERIFY(std::abs(off.measures.at("absoluteError") - 0.5) < 1e-5);
    }

    void anotherCountOfNumbersIsRefused()
    {
        LabelCase stored = labelCases(kId).begin()->second;
        stored.batch.labels[0].push_back(1.0);
        QVERIFY_THROWS_EXCEPTION(
            Error, objectives().at(kId).loss(*loaded(stored.model), stored.batch, {}));
    }
};

QTEST_APPLESS_MAIN(TestRegression)
#include "tst_regression.moc"
