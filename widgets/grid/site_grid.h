// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/grid/site_owner.h"

#include <QPoint>
#include <QWidget>

#include <optional>
#include <vector>

namespace tw {

/// One kind of site over all layers, or one that the whole model has once.
struct SiteGridRow
{
    QString site; ///< "attn.q"
    QString label;
    int group = 0; ///< a gap parts the groups
    bool isAllowed = true; ///< the method in hand can sit here
    bool isWhole = false; ///< one wide cell instead of one a layer
    std::vector<bool> exists; ///< by layer: the model has it there; one entry where isWhole
    std::vector<OwnerSet> owners; ///< as long
    QString words; ///< in the wide cell: "20 tokens", "click to add virtual tokens"
    bool hasProblem = false;

    bool operator==(const SiteGridRow&) const = default;
};

/// All that a grid shows.
struct SiteGridValue
{
    int layers = 0;
    std::vector<SiteGridRow> rows;
    std::vector<SiteOwner> owners;
    int inHand = -1; ///< what a click attaches: an owner, or -1: a method that sits nowhere yet
    SiteOwner hand; ///< what it looks like

    bool operator==(const SiteGridValue&) const = default;
};

/// Layers x sites: click or drag attaches the method in hand or detaches it, Shift-click takes a
/// whole row, Ctrl-click or the number above a whole column. Arrow keys move, Space attaches or
/// detaches, with Shift the row, with Ctrl the column. Where the method in hand cannot sit, a click
/// asks for the one that does.
class SiteGrid final : public QWidget
{
    Q_OBJECT

public:
    struct Cell
    {
        int row = 0;
        int layer = 0; ///< 0 in the cells that are wide

        bool operator==(const Cell&) const = default;
    };

    explicit SiteGrid(QWidget* parent = nullptr);
    void setValue(const SiteGridValue& value);
    const SiteGridValue& value() const { return m_value; }
    Cell current() const { return m_current; }
    int currentLayer() const { return m_layer; } ///< of the frame
    void setCurrent(Cell cell);
    /// What a screen reader says about a cell: "attn.q, block 7: LoRA".
    QString words(Cell cell) const;
    QRect cellRect(Cell cell) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// The person wants the method in hand attached to these cells (or detached); all of them are
    /// allowed ones.
    void edited(const std::vector<tw::SiteGrid::Cell>& cells, bool isOn);
    void ownerAsked(int owner); ///< shall be taken in hand
    void currentChanged();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    int rows() const { return static_cast<int>(m_value.rows.size()); }
    const SiteGridRow& row(int at) const { return m_value.rows[static_cast<std::size_t>(at)]; }
    Cell inside(Cell cell) const;
    int labelWidth() const { return m_labelWidth; }
    void measureLabels();
    double cellWidth() const;
    int rowTop(int row) const;
    std::optional<Cell> cellAt(QPoint at) const;
    std::optional<int> layerAbove(QPoint at) const; ///< of the numbers over the grid
    std::optional<int> rowBeside(QPoint at) const; ///< of the labels
    OwnerSet ownersAt(Cell cell) const;
    bool exists(Cell cell) const;
    bool isOn(Cell cell) const; ///< the method in hand sits there
    std::vector<Cell> between(Cell a, Cell b) const;
    std::vector<Cell> wholeRow(int row) const;
    std::vector<Cell> wholeColumn(int layer) const;
    /// Attaches all unless all are attached already.
    void toggle(const std::vector<Cell>& cells);
    void act(Cell cell, Qt::KeyboardModifiers modifiers);
    bool askForOwner(Cell cell);
    bool isDraggedOver(Cell cell) const;
    void paintNumbers(QPainter& painter) const;
    void paintRow(QPainter& painter, int row) const;
    void paintLabel(QPainter& painter, int row) const;
    void paintCell(QPainter& painter, Cell cell) const;
    void paintFrames(QPainter& painter) const;

    SiteGridValue m_value;
    int m_labelWidth = 0; ///< kept: every cell asks for it
    Cell m_current;
    int m_layer = 0;
    std::optional<Cell> m_dragFrom;
    Cell m_dragTo;
    bool m_dragIsOn = false;
    bool m_hasKeyboard = false;
};

} // namespace tw
