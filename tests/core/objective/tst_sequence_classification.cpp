// SPDX-License-Identifier: Apache-2.0
#include "tests/core/objective/label_cases.h"

#include <QTest>

using namespace tw;

namespace {

constexpr const char* kId = "sequence_classification";

LossSum lossOf(const LabelCase& stored, const Batch& batch, const ParamValues& settings = {})
{
    return objectives().at(kId).loss(*loaded(stored.model), batch, settings);
}

} // namespace

class TestSequenceClassification : public QObject
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

    void accuracyCountsTheRowsThatAreRight()
    {
        LabelCase stored = labelCases(kId).at("bert_sequences");
        const Predictions found =
            objectives().at(kId).predict(*loaded(stored.model), stored.batch, {});
        QCOMPARE(found.said.size(), stored.batch.labels.size());
        QCOMPARE(found.truth, stored.batch.labels);
        stored.batch.labels = found.said;
        QCOMPARE(lossOf(stored, stored.batch).measures.at("accuracy"), 3.0);
        stored.batch.labels[1][0] = stored.batch.labels[1][0] == 0.0 ? 1.0 : 0.0;
        QCOMPARE(lossOf(stored, stored.batch).measures.at("accuracy"), 2.0);
    }

    void smoothingMixesTheTargetWithAllLabels()
    {
        const LabelCase stored = labelCases(kId).at("bert_sequences");
        const auto model = loaded(stored.model);
        const at::Tensor chances =
            model->outputs(paddedInput(stored.batch)).at("logits").log_softmax(1);
        double expected = 0.0;
        for (std::int64_t row = 0; row < 3; ++row) {
            const auto label = static_cast<std::int64_t>(
                stored.batch.labels[static_cast<std::size_t>(row)].front());
            expected -=
                0.8 * chances[row][label].item<double>() + 0.2 * chances[row].mean().item<double>();
        }
        const double loss =
            lossOf(stored, stored.batch, {{"labelSmoothing", 0.2}}).sum.item<double>();
        QVERIFY(std::abs(loss - expected) < 1e-5);
    }

    void labelsThatTheHeadDoesNotHaveAreRefused()
    {
        LabelCase stored = labelCases(kId).at("bert_sequences");
        for (const std::vector<double>& label :
             std::vector<std::vector<double>> {{99.0}, {-1.0}, {0.5}, {}, {0.0, 1.0}}) {
            stored.batch.labels[0] = label;
            QVERIFY_THROWS_EXCEPTION(Error, lossOf(stored, stored.batch));
        }
        stored.batch.labels.clear();
        QVERIFY_THROWS_EXCEPTION(Error, lossOf(stored, stored.batch));
    }
};

QTEST_APPLESS_MAIN(TestSequenceClassification)
#include "tst_sequence_classification.moc"
