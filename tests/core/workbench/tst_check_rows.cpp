// SPDX-License-Identifier: Apache-2.0
// What is said, before anything starts, of rows that do not fit what a run aims at.
#include "core/workbench/workspace.h"
#include "tests/core/experiment/word_model.h"
#include "tests/core/workbench/tiny_experiment.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>
#include <functional>

using namespace tw;
namespace fs = std::filesystem;

namespace {

using Lines = std::vector<std::string>;

DataPart rowsIn(const fs::path& file, const Lines& lines)
{
    std::ofstream out(file);
    for (const std::string& line : lines)
        out << line << '\n';
    out.close();
    return {file.string(), {}, 0};
}

} // namespace

Q_DECLARE_METATYPE(Lines)

class TestCheckRows : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rowsThatDoNotFitAreToldAtTheirField_data()
    {
        QTest::addColumn<QString>("objective");
        QTest::addColumn<Lines>("train");
        QTest::addColumn<Lines>("heldOut");
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("words");
        QTest::addColumn<bool>("isWarning");
        const std::string pair = R"({"prompt": "A?", "chosen": "b.", "rejected": "c."})";
        const std::string other = R"({"prompt": "D?", "chosen": "e.", "rejected": "f."})";
        const std::string half = R"({"prompt": "G?", "chosen": "h."})";
        QTest::newRow("no rejected answers")
            << "dpo" << Lines {half, half} << Lines {} << "train.roles" << "rejected" << false;
        QTest::newRow("answers instead of pairs")
            << "orpo" << Lines {R"({"prompt": "A?", "answer": "b."})"} << Lines {} << "train.roles"
            << "chosen" << false;
        QTest::newRow("one pair without its rejected answer")
            << "dpo" << Lines {pair, half} << Lines {other} << "train.path"
            << "1 of 2 rows cannot be laid out. First: Row 2 (line 2): The row has no rejected"
            << true;
        QTest::newRow("one held-out pair without it")
            << "dpo" << Lines {pair} << Lines {other, half} << "heldOut.path"
            << "1 of 2 rows held out cannot be laid out. First: Row 2 (line 2): The row has no"
            << true;
        QTest::newRow("answers that nobody judged")
            << "kto" << Lines {half} << Lines {} << "train.roles" << "" << false;
        QTest::newRow("tokens beyond the vocabulary")
            << "supervised" << Lines {R"({"input_ids": [1, 999999], "labels": [1, 2]})"} << Lines {}
            << "train.roles" << "999999" << false;
    }

    void rowsThatDoNotFitAreToldAtTheirField()
    {
        QFETCH(QString, objective);
        QFETCH(Lines, train);
        QFETCH(Lines, heldOut);
        QFETCH(QString, field);
        QFETCH(QString, words);
        QFETCH(bool, isWarning);
        Experiment experiment = tinyExperiment(folder());
        experiment.objective = {objective.toStdString(), {}};
        experiment.train = rowsIn(folder() / "train.jsonl", train);
        experiment.heldOut = {};
        if (!heldOut.empty())
            experiment.heldOut = rowsIn(folder() / "held_out.jsonl", heldOut);
        experiment.heldOutShare = 0.0;
        verifyTold(experiment, field, words, isWarning);
    }

    /// Whoever tests on a class that was never trained is told, and which one it is.
    void aClassThatOnlyHeldOutRowsHaveIsNamed()
    {
        writeWordModel("bert_masked", folder() / "model");
        Experiment experiment;
        experiment.model = (folder() / "model").string();
        experiment.objective.method = "sequence_classification";
        experiment.adaptations.clear();
        experiment.layout = "plain";
        experiment.maxLength = 32;
        experiment.train =
            rowsIn(folder() / "train.csv", {"text,label", "good day,praise", "bad day,blame"});
        experiment.heldOut =
            rowsIn(folder() / "held_out.csv", {"text,label", "fine day,praise", "poor day,sorrow"});
        verifyTold(experiment, QStringLiteral("heldOut.path"), QStringLiteral("sorrow"), true);
    }

private:
    fs::path folder() const { return m_folder.path().toStdString(); }

    static void verifyTold(const Experiment& experiment,
                           const QString& field,
                           const QString& words,
                           bool isWarning)
    {
        Workspace workspace(1);
        const CheckReport report = workspace.check(experiment).result.get();
        QString all;
        bool isTold = false;
        for (const Problem& problem : report.problems) {
            all += QString::fromStdString(problem.field + ": " + problem.what) + QLatin1Char('\n');
            isTold |= problem.isWarning == isWarning
                && QString::fromStdString(problem.field) == field
                && QString::fromStdString(problem.what).contains(words);
        }
        QVERIFY2(isTold, qPrintable(all));
        QCOMPARE(blocks(report.problems), !isWarning);
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestCheckRows)
#include "tst_check_rows.moc"
