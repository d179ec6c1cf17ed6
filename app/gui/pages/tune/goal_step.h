// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"

#include <QObject>

#include <map>
#include <vector>

class QCheckBox;
class QGridLayout;

namespace tw {

class ChoiceBox;
class DraftEditor;
class NumberField;
class ObjectiveChoice;
class ParamForm;
class SegmentedChoice;
class StepCard;
class TextLabel;

/// Step 4: what training aims at, how long, how fast, how much at once; the rest under Advanced.
class GoalStep final : public QObject
{
    Q_OBJECT

public:
    GoalStep(DraftEditor& editor, StepCard& card);
    /// Objectives, optimisers and schedules to choose from.
    void setPlugins(const std::vector<PluginInfo>& plugins);
    void setFits(const std::vector<ObjectiveFit>& fits);
    void show(); ///< the draft has changed
    void setProblems(const Problems& problems);
    /// "14.8 passes over 216 rows, cosine decay, evaluated every 20 steps"; rows 0: not counted
    /// yet.
    QString inWords(std::int64_t rows) const;

private:
    void addNumber(QGridLayout& grid,
                   int column,
                   const QString& field,
                   const QString& label,
                   const QString& unit,
                   const QString& help);
    void addChoice(QGridLayout& grid, int column, ChoiceBox*& box, const QString& label);
    void makeAdvanced(QGridLayout& grid);
    void showAdvanced(bool isShown);
    const PluginInfo* chosen(const char* kind, const std::string& id) const;

    DraftEditor& m_editor;
    SegmentedChoice* m_detail = nullptr;
    ObjectiveChoice* m_objective = nullptr;
    QWidget* m_advanced = nullptr;
    std::map<QString, NumberField*> m_numbers;
    std::map<QString, TextLabel*> m_words; ///< what is wrong, below each number
    ChoiceBox* m_schedule = nullptr;
    QCheckBox* m_groupByLength = nullptr;
    QCheckBox* m_shuffle = nullptr;
    ParamForm* m_optimizerForm = nullptr;
    ParamForm* m_scheduleForm = nullptr;
    std::vector<PluginInfo> m_plugins;
    std::string m_shownOptimizer;
    std::string m_shownSchedule;
};

} // namespace tw
