// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPoint>
#include <QWidget>

#include <optional>
#include <vector>

namespace tw {

/// One kind of site over all layers.
struct SiteGridRow
{
    QString site; ///< "attn.q"
    QString label;
    bool isAllowed = true; ///< the chosen method can sit here
    std::vector<bool> isOn; ///< by layer

    bool operator==(const SiteGridRow&) const = default;
};

/// Layers x sites: click or drag attaches or detaches, Shift-click takes a whole row, a number
/// above its column. Arrow keys move, Space attaches or detaches, with Shift the row, with Ctrl the
/// column.
class SiteGrid final : public QWidget
{
    Q_OBJECT

public:
    struct Cell
    {
        int row = 0;
        int layer = 0;

        bool operator==(const Cell&) const = default;
    };

    explicit SiteGrid(QWidget* parent = nullptr);
    void setRows(const std::vector<SiteGridRow>& rows, int layers);
    const std::vector<SiteGridRow>& rows() const { return m_rows; }
    int layers() const { return m_layers; }
    Cell current() const { return m_current; }
    void setCurrent(Cell cell);
    /// What a screen reader says about a cell: "attn.q, block 7: trained".
    QString words(Cell cell) const;
    QRect cellRect(Cell cell) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// The person wants these cells attached (or detached); all of them are allowed ones.
    void edited(const std::vector<tw::SiteGrid::Cell>& cells, bool isOn);
    void currentChanged(int row, int layer);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    int labelWidth() const;
    double cellWidth() const;
    int rowTop(int row) const;
    std::optional<Cell> cellAt(QPoint at) const;
    std::optional<int> layerAbove(QPoint at) const; ///< of the numbers over the grid
    std::optional<int> rowBeside(QPoint at) const; ///< of the labels
    bool isOn(Cell cell) const;
    std::vector<Cell> between(Cell a, Cell b) const;
    std::vector<Cell> wholeRow(int row) const;
    std::vector<Cell> wholeColumn(int layer) const;
    /// Attaches all unless all are attached already.
    void toggle(const std::vector<Cell>& cells);
    void paintNumbers(QPainter& painter) const;
    void paintRow(QPainter& painter, int row) const;

    std::vector<SiteGridRow> m_rows;
    int m_layers = 0;
    Cell m_current;
    std::optional<Cell> m_dragFrom;
    Cell m_dragTo;
    bool m_dragIsOn = false;
    bool m_hasKeyboard = false;
};

} // namespace tw
