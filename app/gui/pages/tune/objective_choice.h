// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"

#include <QWidget>

#include <vector>

class QPushButton;

namespace tw {

class ChoiceBox;
class DraftEditor;
class ParamForm;
class TextLabel;

/// What training aims at: the objectives, those that suit model and rows first, and the settings of
/// the chosen one.
class ObjectiveChoice final : public QWidget
{
    Q_OBJECT

public:
    explicit ObjectiveChoice(DraftEditor& editor, QWidget* parent = nullptr);
    void setObjectives(const std::vector<PluginInfo>& objectives);
    /// Which of them suit the draft, in the order in which they are offered; empty: not known yet.
    void setFits(const std::vector<ObjectiveFit>& fits);
    void show(); ///< the draft has changed
    void setProblems(const Problems& problems);
    void setAdvancedShown(bool isShown);

private:
    void fillBox();
    void showFit();
    void choose(const std::string& objective);
    const PluginInfo* infoOf(const std::string& id) const;

    DraftEditor& m_editor;
    std::vector<PluginInfo> m_objectives;
    std::vector<ObjectiveFit> m_fits;
    ChoiceBox* m_box = nullptr;
    TextLabel* m_summary = nullptr;
    QWidget* m_notice = nullptr;
    TextLabel* m_noticeWords = nullptr;
    QPushButton* m_other = nullptr; ///< the objective that suits the rows
    std::string m_otherId;
    TextLabel* m_problem = nullptr;
    ParamForm* m_form = nullptr;
    std::string m_shown; ///< objective of the form
};

} // namespace tw
