// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/pages/tune/design.h"
#include "app/gui/pages/tune/design_problems.h"
#include "core/workbench/values.h"
#include "widgets/grid/site_grid.h"

#include <QObject>

#include <vector>

class QHBoxLayout;
class QWidget;

namespace tw {

class DraftEditor;
class MethodCards;
class SiteDesigner;
class StepCard;

/// Step 3, the designer: method cards decide what a click attaches; presets, grid, drawing and
/// settings edit which method sits where.
class MethodStep final : public QObject
{
    Q_OBJECT

public:
    MethodStep(DraftEditor& editor, StepCard& card);

    void setMethods(const std::vector<PluginInfo>& adaptations);
    void setModel(const ModelSummary& model); ///< the sites and layers of the grid
    /// What each method trains on its usual sites, by id.
    void setUsualTrained(const std::map<std::string, std::int64_t>& trained);
    void setPlan(const Plan& plan);
    void show(); ///< the draft has changed
    void setProblems(const Problems& problems);
    /// "LoRA on all linear layers"
    QString inWords() const;
    const std::vector<PluginInfo>& methods() const { return m_design.methods(); }
    /// The method in hand, for its help page; empty: none.
    const std::string& methodInHand() const { return m_hand.method; }

Q_SIGNALS:
    void helpAsked(const QString& method);

private:
    QWidget* makePresetRow();
    void connectSettings();
    void showPresets();
    void showSettings();
    void settleHand();
    void takeInHand(const Hand& hand);
    void chooseMethod(const std::string& method);
    void attach(const std::vector<SiteGrid::Cell>& cells, bool isOn);
    void useHand(bool isAlone);
    void remove(int adaptation);
    void useUsual(int adaptation);
    void changeSetting(const QString& setting);

    DraftEditor& m_editor;
    std::vector<PluginInfo> m_methods;
    ModelSummary m_model;
    Design m_design;
    Hand m_hand;
    Problems m_problems;
    std::vector<std::int64_t> m_trained;
    MethodCards* m_cards = nullptr;
    QHBoxLayout* m_presetRow = nullptr;
    QWidget* m_presetRoom = nullptr;
    SiteDesigner* m_designer = nullptr;
};

} // namespace tw
