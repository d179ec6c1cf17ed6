// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"
#include "widgets/grid/site_grid.h"

#include <QWidget>

#include <vector>

class QButtonGroup;
class QHBoxLayout;
class QLineEdit;

namespace tw {

class BlockDrawing;
class DraftEditor;
class MethodCard;
class ParamForm;
class SegmentedChoice;
class StepCard;
class TextLabel;

/// Step 3: method cards, presets, the grid layers x sites, the drawing of one block, and the
/// method's settings.
class MethodStep final : public QObject
{
    Q_OBJECT

public:
    MethodStep(DraftEditor& editor, StepCard& card);

    void setMethods(const std::vector<PluginInfo>& adaptations);
    void setModel(const ModelSummary& model); ///< the sites and layers of the grid
    void show(); ///< the draft has changed
    void setProblems(const Problems& problems);
    /// "LoRA on all linear layers"
    QString inWords() const;
    const PluginInfo* method() const;

private:
    void makeHead(StepCard& card);
    QWidget* makeDesigner();
    QWidget* makePresets();
    void filterCards();
    void chooseMethod(int index);
    void applyPreset(const QStringList& sites, int firstLayer);
    void attach(const std::vector<SiteGrid::Cell>& cells, bool isOn);
    void showBlock();
    void showCards();
    QStringList allowedSites() const;
    std::vector<SiteGridRow> rows() const;

    DraftEditor& m_editor;
    std::vector<PluginInfo> m_methods;
    ModelSummary m_model;
    QLineEdit* m_search = nullptr;
    SegmentedChoice* m_filter = nullptr;
    QWidget* m_cardRoom = nullptr;
    QHBoxLayout* m_cardRow = nullptr;
    std::vector<MethodCard*> m_cards;
    QButtonGroup* m_group = nullptr;
    QButtonGroup* m_presets = nullptr;
    TextLabel* m_sitesFact = nullptr;
    TextLabel* m_blockTitle = nullptr;
    TextLabel* m_blockFact = nullptr;
    TextLabel* m_settingsFact = nullptr;
    SiteGrid* m_grid = nullptr;
    BlockDrawing* m_drawing = nullptr;
    ParamForm* m_form = nullptr;
    std::string m_shownMethod;
};

} // namespace tw
