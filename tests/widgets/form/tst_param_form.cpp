// SPDX-License-Identifier: Apache-2.0
#include "widgets/basic/choice_box.h"
#include "widgets/form/number_field.h"
#include "widgets/form/param_form.h"

#include <QCheckBox>
#include <QSignalSpy>
#include <QSlider>
#include <QtTest>

using namespace tw;

class TstParamForm : public QObject
{
    Q_OBJECT

private:
    static std::vector<ParamSpec> specs()
    {
        ParamSpec rank;
        rank.id = "rank";
        rank.title = "Rank";
        rank.help = "Width of the update.";
        rank.type = ParamType::Integer;
        rank.defaultValue = std::int64_t {8};
        rank.minimum = 1;
        rank.maximum = 1024;
        ParamSpec mode;
        mode.id = "mode";
        mode.title = "Mode";
        mode.type = ParamType::Choice;
        mode.defaultValue = std::string("plain");
        mode.choices = {{"plain", "plain"}, {"noisy", "noisy"}};
        ParamSpec noise;
        noise.id = "noise";
        noise.title = "Noise";
        noise.type = ParamType::Real;
        noise.defaultValue = 0.1;
        noise.maximum = 1.0;
        noise.shownWhen = "mode=noisy";
        ParamSpec exact;
        exact.id = "exact";
        exact.title = "Exact";
        exact.type = ParamType::Bool;
        exact.defaultValue = false;
        exact.isAdvanced = true;
        return {exact, rank, mode, noise};
    }

private Q_SLOTS:
    void theFormShowsDefaultsAndFoldsWhatIsAdvanced()
    {
        ParamForm form;
        form.setSpecs(specs(), QStringLiteral("test"));
        form.show();
        QCOMPARE(qobject_cast<NumberField*>(form.editor("rank"))->value(), 8.0);
        QVERIFY(form.editor("rank")->isVisible());
        QVERIFY(!form.editor("exact")->isVisible());
        form.setAdvancedShown(true);
        QVERIFY(form.editor("exact")->isVisible());
        QVERIFY(form.values().empty()); // nothing was chosen yet
    }

    void typingANumberChangesTheValue()
    {
        ParamForm form;
        form.setSpecs(specs(), QStringLiteral("test"));
        QSignalSpy edited(&form, &ParamForm::edited);
        auto* rank = qobject_cast<NumberField*>(form.editor("rank"));
        rank->selectAll();
        QTest::keyClicks(rank, QStringLiteral("32"));
        QCOMPARE(edited.count(), 2); // 3, then 32
        QCOMPARE(std::get<std::int64_t>(form.values().at("rank")), 32);
        QTest::keyClick(rank, Qt::Key_Up);
        QCOMPARE(std::get<std::int64_t>(form.values().at("rank")), 33);
    }

    void aNumberOutOfRangeIsRefusedAtItsField()
    {
        ParamForm form;
        form.setSpecs(specs(), QStringLiteral("test"));
        auto* rank = qobject_cast<NumberField*>(form.editor("rank"));
        QSignalSpy refused(rank, &NumberField::refused);
        rank->selectAll();
        QTest::keyClicks(rank, QStringLiteral("4096"));
        QVERIFY(!rank->isValid());
        QCOMPARE(refused.count(), 1);
        QCOMPARE(std::get<std::int64_t>(form.values().at("rank")), 409); // the last good one
    }

    void theSliderAndItsNumberSayTheSame()
    {
        ParamForm form;
        form.setSpecs(specs(), QStringLiteral("test"));
        auto* slider = form.findChild<QSlider*>();
        QVERIFY(slider != nullptr);
        slider->setValue(slider->maximum());
        QCOMPARE(std::get<std::int64_t>(form.values().at("rank")), 1024);
        QCOMPARE(qobject_cast<NumberField*>(form.editor("rank"))->value(), 1024.0);
    }

    void aSettingAppearsWhenTheOneItDependsOnIsChosen()
    {
        ParamForm form;
        form.setSpecs(specs(), QStringLiteral("test"));
        form.show();
        QVERIFY(!form.editor("noise")->isVisible());
        auto* mode = qobject_cast<ChoiceBox*>(form.editor("mode"));
        mode->setFocus();
        QTest::keyClick(mode, Qt::Key_Down);
        QCOMPARE(std::get<std::string>(form.values().at("mode")), std::string("noisy"));
        QVERIFY(form.editor("noise")->isVisible());
    }

    void problemsStandAtTheirField()
    {
        ParamForm form;
        form.setSpecs(specs(), QStringLiteral("test"));
        form.setProblems(
            {{"a.rank", "Too large.", "Choose 8.", false}, {"b.rank", "Elsewhere.", "", false}},
            QStringLiteral("a."));
        QCOMPARE(form.editor("rank")->accessibleDescription(),
                 QStringLiteral("Too large. Choose 8."));
        form.setProblems({}, QStringLiteral("a."));
        QVERIFY(form.editor("rank")->accessibleDescription().isEmpty());
    }

    void everyEditorHasANameAndATooltip()
    {
        ParamForm form;
        form.setSpecs(specs(), QStringLiteral("test"));
        for (const char* id : {"rank", "mode", "noise", "exact"})
            QVERIFY2(!form.editor(id)->accessibleName().isEmpty(), id);
        QVERIFY(form.editor("rank")->toolTip().contains(QStringLiteral("From 1 to 1024.")));
    }

    void numbersAreWrittenShortAndReadBack_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("text");
        QTest::newRow("whole") << 512.0 << QStringLiteral("512");
        QTest::newRow("learning rate") << 2e-4 << QStringLiteral("2e-4");
        QTest::newRow("odd learning rate") << 2.5e-5 << QStringLiteral("2.5e-5");
        QTest::newRow("dropout") << 0.05 << QStringLiteral("0.05");
        QTest::newRow("ten to a power") << 1e-5 << QStringLiteral("1e-5");
        QTest::newRow("nothing") << 0.0 << QStringLiteral("0");
    }
    void numbersAreWrittenShortAndReadBack()
    {
        QFETCH(double, value);
        QFETCH(QString, text);
        QCOMPARE(NumberField::shortest(value), text);
        QCOMPARE(text.toDouble(), value);
    }

    void theArrowKeysMoveTheLeadingDigit()
    {
        NumberField field(QStringLiteral("Learning rate"), {});
        field.setRange(0.0, 1.0, false);
        field.setValue(2e-4);
        QTest::keyClick(&field, Qt::Key_Up);
        QCOMPARE(field.text(), QStringLiteral("3e-4"));
        field.setValue(1e-4);
        QTest::keyClick(&field, Qt::Key_Down);
        QCOMPARE(field.text(), QStringLiteral("0"));
    }
};

QTEST_MAIN(TstParamForm)
#include "tst_param_form.moc"
