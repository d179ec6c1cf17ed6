// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/pages/tune/design_problems.h"
#include "app/gui/pages/tune/design_view.h"

#include <QWidget>

class QGridLayout;
class QVBoxLayout;

namespace tw {

class BlockDrawing;
class MethodSettings;
class TextLabel;

/// Grid, drawing of one block and settings: side by side, or the grid above the others where the
/// window is narrow.
class SiteDesigner final : public QWidget
{
    Q_OBJECT

public:
    explicit SiteDesigner(QWidget* parent = nullptr);
    void show(const SiteGridValue& grid, const Design& design, const BlockShape& shape);
    /// Those about sites, as sentences below the grid.
    void setProblems(const std::vector<DesignProblem>& problems, const SiteGridValue& grid);
    SiteGrid& grid() { return *m_grid; }
    MethodSettings& settings() { return *m_settings; }
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void siteClicked(int row); ///< in the drawing: of the block that is shown
    void usualAsked(int adaptation); ///< shall sit on its usual sites again

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange();
    void showBlock();
    QWidget* makePart(const QString& name, TextLabel*& title, TextLabel*& fact, QWidget* part);

    QGridLayout* m_layout = nullptr;
    QWidget* m_gridPart = nullptr;
    QWidget* m_drawingPart = nullptr;
    QWidget* m_settingsPart = nullptr;
    SiteGrid* m_grid = nullptr;
    BlockDrawing* m_drawing = nullptr;
    MethodSettings* m_settings = nullptr;
    TextLabel* m_gridFact = nullptr;
    TextLabel* m_blockTitle = nullptr;
    TextLabel* m_blockFact = nullptr;
    QVBoxLayout* m_problems = nullptr;
    QWidget* m_problemRoom = nullptr;
    BlockShape m_shape;
    bool m_isNarrow = false;
    bool m_isArranged = false;
};

} // namespace tw
