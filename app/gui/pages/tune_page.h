// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/job_watcher.h"
#include "app/gui/page.h"
#include "app/gui/pages/tune/draft_editor.h"
#include "core/workbench/values.h"

#include <QTimer>

class QPushButton;

namespace tw {

class GoalStep;
class MethodStep;
class ReadyCard;
class StageStrip;
class StepCard;

/// Model, data, method, goal and budget of an experiment, or of one of its stages, in one scrolling
/// page; the Ready card beside it, which speaks of the whole, never scrolls away.
class TunePage final : public Page
{
    Q_OBJECT

public:
    explicit TunePage(Session& session);
    void projectChanged() override;
    void refresh() override;
    QUndoStack* undoStack() override { return m_editor->undoStack(); }
    QString helpName() const override;

private:
    QWidget* makeSteps();
    QWidget* makeStages();
    void addStage();
    void renameStage(int stage, const QString& name);
    void readPlugins();
    void draftChanged();
    void describeModel();
    void check();
    void findFits();
    void showStages();
    Problems problemsShown() const;
    ProofSummary trainShown() const;
    void showSteps();
    void showPlan();
    void showUsualTrained();
    void startRun(bool isNow);
    void showQueue();
    void openExperiment();
    void saveExperiment();

    DraftEditor* m_editor = nullptr;
    QWidget* m_stageRoom = nullptr;
    StageStrip* m_stages = nullptr;
    QPushButton* m_addStage = nullptr;
    StepCard* m_modelCard = nullptr;
    StepCard* m_dataCard = nullptr;
    StepCard* m_methodCard = nullptr;
    StepCard* m_goalCard = nullptr;
    MethodStep* m_method = nullptr;
    GoalStep* m_goal = nullptr;
    ReadyCard* m_ready = nullptr;
    bool m_hasPlugins = false;
    std::string m_described; ///< path of the model that m_model is about
    ModelSummary m_model;
    CheckReport m_report;
    Plan m_plan;
    bool m_isChecked = false; ///< m_report is about the draft as it is now
    LatestJob m_describe;
    LatestJob m_check;
    LatestJob m_fits;
    Experiment m_fitted; ///< what the objectives were asked about
    QTimer m_checkTimer;
};

} // namespace tw
