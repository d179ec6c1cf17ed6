// SPDX-License-Identifier: Apache-2.0
// Which objectives are offered for which rows and models.
#include "core/workbench/workspace.h"
#include "tests/core/workbench/tiny_experiment.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <fstream>

using namespace tw;

class TestObjectiveFits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rowsDecideWhatFits_data();
    void rowsDecideWhatFits();
    void theModelDecidesToo();
    void whatIsNotChosenKeepsNothingFromFitting();
    void aFileThatIsGoneIsTold();

private:
    Experiment experimentOn(const char* rows)
    {
        Experiment e = tinyExperiment(m_folder.path().toStdString());
        e.train = {m_folder.filePath(QStringLiteral("rows.jsonl")).toStdString(), {}, 0};
        std::ofstream(e.train.path) << rows;
        return e;
    }
    static std::vector<ObjectiveFit> fits(const Experiment& experiment)
    {
        return Workspace(1).objectiveFits(experiment).result.get();
    }
    static const ObjectiveFit& of(const std::vector<ObjectiveFit>& all, const std::string& id)
    {
        return *std::ranges::find(all, id, &ObjectiveFit::objective);
    }

    QTemporaryDir m_folder;
};

void TestObjectiveFits::rowsDecideWhatFits_data()
{
    QTest::addColumn<QByteArray>("rows");
    QTest::addColumn<QString>("first"); ///< of what is offered
    QTest::addColumn<QStringList>("fitting");
    QTest::addColumn<QStringList>("others");
    const auto row = [](const char* name, const char* rows, const char* first,
                        const QStringList& fitting, const QStringList& others) {
        QTest::newRow(name) << QByteArray(rows) << QString::fromLatin1(first) << fitting << others;
    };
    const QString supervised = QStringLiteral("supervised");
    const QString dpo = QStringLiteral("dpo");
    const QString kto = QStringLiteral("kto");
    const QString classes = QStringLiteral("sequence_classification");
    const QString words = QStringLiteral("token_classification");
    row("questions and answers", R"({"question": "One and one?", "answer": "Two."})", "supervised",
        {supervised}, {dpo, kto, classes, words});
    row("pairs of answers", R"({"prompt": "Hello?", "chosen": "Hi.", "rejected": "Go away."})",
        "dpo", {dpo, QStringLiteral("orpo"), QStringLiteral("reward_model")},
        {kto, classes, words});
    row("answers with a thumb",
        R"({"prompt": "Hello?", "completion": "Hi.", "label": true})"
        "\n"
        R"({"prompt": "Bye?", "completion": "No.", "label": false})",
        "kto", {kto, supervised}, {dpo, words});
    row("texts with labels",
        R"({"text": "Lovely.", "label": "good"})"
        "\n"
        R"({"text": "Dull.", "label": "bad"})",
        "sequence_classification", {classes, supervised}, {dpo, kto, words});
    row("plain text", R"({"text": "Snow is white and cold in winter."})", "supervised",
        {supervised, QStringLiteral("ul2")}, {dpo, kto, classes, words});
}

void TestObjectiveFits::rowsDecideWhatFits()
{
    QFETCH(QByteArray, rows);
    QFETCH(QString, first);
    QFETCH(QStringList, fitting);
    QFETCH(QStringList, others);
    const std::vector<ObjectiveFit> all = fits(experimentOn(rows.constData()));
    QCOMPARE(all.size(), std::size_t {15});
    for (const ObjectiveFit& fit : all)
        qInfo("%s: %s", fit.objective.c_str(), fit.fits ? "fits" : fit.whyNot.c_str());
    QCOMPARE(QString::fromStdString(all.front().objective), first);
    for (const QString& id : fitting)
        QVERIFY2(of(all, id.toStdString()).fits, qPrintable(id));
    for (const QString& id : others) {
        QVERIFY2(!of(all, id.toStdString()).fits, qPrintable(id));
        QVERIFY2(!of(all, id.toStdString()).whyNot.empty(), qPrintable(id));
    }
    const auto fails = [](const ObjectiveFit& fit) { return !fit.fits; };
    QVERIFY(std::is_partitioned(all.rbegin(), all.rend(), fails)); // those that fit come first
}

void TestObjectiveFits::theModelDecidesToo()
{
    Experiment e = experimentOn(R"({"text": "Snow is white and cold in winter."})");
    QVERIFY(!of(fits(e), "masked_lm").fits);
    QVERIFY(of(fits(e), "masked_lm").whyNot.find("LlamaForCausalLM") != std::string::npos);
    QVERIFY(!of(fits(e), "ctc").fits);
}

void TestObjectiveFits::whatIsNotChosenKeepsNothingFromFitting()
{
    const std::vector<ObjectiveFit> all = fits(Experiment {});
    QVERIFY(std::ranges::all_of(all, &ObjectiveFit::fits));
    QCOMPARE(all.front().objective, std::string("dpo"));
}

void TestObjectiveFits::aFileThatIsGoneIsTold()
{
    Experiment e = experimentOn("{}");
    e.train.path = "/nowhere/rows.csv";
    QVERIFY_THROWS_EXCEPTION(Error, fits(e));
}

QTEST_GUILESS_MAIN(TestObjectiveFits)
#include "tst_objective_fits.moc"
