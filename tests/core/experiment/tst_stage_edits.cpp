// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/stage_edits.h"
#include "core/experiment/stages.h"

#include <QTest>

using namespace tw;

namespace {

Experiment recipe()
{
    Experiment e;
    e.model = "/models/small";
    e.train.path = "/data/rows.csv";
    e.steps = 100;
    AdaptationChoice lora;
    lora.sites = {{"attn.q", "0-3"}};
    e.adaptations = {lora};
    Stage answers;
    answers.name = "answers";
    Stage likes;
    likes.name = "likes";
    likes.train = DataPart {"/data/pairs.jsonl", {}, 0};
    likes.objective = PluginChoice {"dpo", {{"beta", 0.2}}};
    AdaptationChoice goesOn = lora;
    goesOn.from = "stage:answers";
    likes.adaptations = {goesOn};
    Stage above;
    above.name = "above";
    above.adapters = {"stage:answers", "stage:likes", "/adapters/mine"};
    AdaptationChoice few;
    few.method = "lt_sft";
    few.settings = {{"maskFrom", "stage:likes"}};
    above.adaptations = {few};
    e.stages = {answers, likes, above};
    return e;
}

} // namespace

class TestStageEdits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatWasNotEditedStaysInherited()
    {
        const Experiment before = recipe();
        for (std::size_t i = 0; i < before.stages.size(); ++i) {
            Experiment after = before;
            putStage(after, i, stageOf(before, i));
            QCOMPARE(toJsonText(after), toJsonText(before));
        }
    }

    void anEditBecomesTheStagesOwn()
    {
        Experiment whole = recipe();
        Experiment edited = stageOf(whole, 0);
        edited.steps = 7;
        edited.layout = "plain";
        putStage(whole, 0, edited);
        QCOMPARE(ownFields(whole.stages[0]), (std::vector<std::string> {"layout", "steps"}));
        QCOMPARE(whole.steps, std::int64_t {100});
        QCOMPARE(stageOf(whole, 0).steps, std::int64_t {7});
        QCOMPARE(stageOf(whole, 1).steps, std::int64_t {100});
        inheritFields(whole.stages[0], {"steps"});
        QCOMPARE(ownFields(whole.stages[0]), (std::vector<std::string> {"layout"}));
        QCOMPARE(stageOf(whole, 0).steps, std::int64_t {100});
    }

    void whatNoStageCanHaveIsChangedForAll()
    {
        Experiment whole = recipe();
        Experiment edited = stageOf(whole, 1);
        edited.model = "/models/other";
        edited.shuffle = false;
        putStage(whole, 1, edited);
        QCOMPARE(whole.model, std::string("/models/other"));
        QVERIFY(!stageOf(whole, 2).shuffle);
        QCOMPARE(whole.stages, recipe().stages);
        QCOMPARE(whole.train.path, std::string("/data/rows.csv"));
    }

    void aFirstAddedStageMakesTwo()
    {
        Experiment whole = recipe();
        whole.stages.clear();
        const Experiment before = whole;
        QCOMPARE(addStage(whole), std::size_t {1});
        QCOMPARE(whole.stages.size(), std::size_t {2});
        QVERIFY(ownFields(whole.stages[0]).empty());
        QCOMPARE(stageOf(whole, 0), before);
        QCOMPARE(ownFields(whole.stages[1]), (std::vector<std::string> {"adaptations"}));
        QCOMPARE(stageOf(whole, 1).adaptations[0].from, std::string("stage:stage 1"));
        QVERIFY(checkStages(whole).empty());
        removeStage(whole, 1);
        QCOMPARE(whole, before);
    }

    void anAddedStageCopiesTheOneBefore()
    {
        Experiment whole = recipe();
        QCOMPARE(addStage(whole, 1), std::size_t {2});
        QCOMPARE(whole.stages.size(), std::size_t {4});
        QCOMPARE(whole.stages[2].name, std::string("stage 4"));
        QCOMPARE(whole.stages[2].objective, whole.stages[1].objective);
        QCOMPARE(whole.stages[2].adaptations->front().from, std::string("stage:likes"));
        QCOMPARE(whole.stages[3], recipe().stages[2]);
        QVERIFY(checkStages(whole).empty());
    }

    void aRemovedStageIsNoLongerStartedFrom()
    {
        Experiment whole = recipe();
        removeStage(whole, 1);
        QCOMPARE(whole.stages[1].adapters,
                 (std::vector<std::string> {"stage:answers", "/adapters/mine"}));
        QVERIFY(whole.stages[1].adaptations->front().settings.empty());
        QVERIFY(checkStages(whole).empty());
        removeStage(whole, 0);
        QVERIFY(whole.stages.empty()); // the one that was left
        QCOMPARE(whole.adapters, std::vector<std::string> {"/adapters/mine"});
        QCOMPARE(whole.adaptations.front().method, std::string("lt_sft"));
    }

    void aRenamedStageIsFoundUnderItsNewName()
    {
        Experiment whole = recipe();
        renameStage(whole, 1, "taste");
        QCOMPARE(whole.stages[1].name, std::string("taste"));
        QCOMPARE(whole.stages[2].adapters->at(1), std::string("stage:taste"));
        QCOMPARE(whole.stages[2].adaptations->front().settings.at("maskFrom"),
                 ParamValue(std::string("stage:taste")));
        QVERIFY(checkStages(whole).empty());
    }

    void aStageMovedBeforeWhatItNeedsIsTold()
    {
        Experiment whole = recipe();
        swapStages(whole, 0, 1);
        QCOMPARE(whole.stages[0].name, std::string("likes"));
        const Problems problems = checkStages(whole);
        QCOMPARE(problems.size(), std::size_t {1});
        QCOMPARE(problems[0].field, std::string("stages[0].adaptations[0].from"));
        swapStages(whole, 1, 0);
        QCOMPARE(whole, recipe());
    }
};

QTEST_GUILESS_MAIN(TestStageEdits)
#include "tst_stage_edits.moc"
