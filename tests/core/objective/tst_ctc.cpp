// SPDX-License-Identifier: Apache-2.0
#include "tests/core/objective/label_cases.h"

#include <QTest>

using namespace tw;

namespace {

constexpr const char* kId = "ctc";

LossSum lossOf(const LabelCase& stored)
{
    return objectives().at(kId).loss(*loaded(stored.model), stored.batch, stored.settings);
}

} // namespace

class TestCtc : public QObject
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

    void aTextThatIsLongerThanItsSoundIsImpossible()
    {
        LabelCase stored = labelCases(kId).at("hubert_impossible");
        QVERIFY(std::isfinite(lossOf(stored).sum.item<double>()));
        stored.settings["zeroInfinity"] = false;
        QVERIFY(std::isinf(lossOf(stored).sum.item<double>()));
    }

    void lettersBeyondTheVocabularyAndMissingSoundsAreRefused()
    {
        LabelCase stored = labelCases(kId).at("wav2vec2_sum");
        LabelCase beyond = stored;
        beyond.batch.ids[0] = 1'000'000;
        QVERIFY_THROWS_EXCEPTION(Error, lossOf(beyond));
        stored.batch.sounds.clear();
        QVERIFY_THROWS_EXCEPTION(Error, lossOf(stored));
    }
};

QTEST_APPLESS_MAIN(TestCtc)
#include "tst_ctc.moc"
