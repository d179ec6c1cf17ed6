// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plot/chart.h"

#include <QPoint>

#include <optional>
#include <vector>

namespace tw {

/// What an XrayGrid shows: modules down, layers across.
struct XrayGridData
{
    QStringList rows; ///< "attn.q" ...
    int layers = 0;
    std::vector<double> values; ///< row by row; NaN: this matrix was not compared
    std::vector<int> marks; ///< number written in the cell (intruders); 0: none
    QString unit; ///< " %" behind every number; empty: none
    QString markName; ///< "intruders", for what is said of a cell
    int digits = 1; ///< decimals of the numbers beside the grid
    bool hasMeans = true; ///< bars of the row and column means

    bool operator==(const XrayGridData&) const = default;
};

/// Heat map of one measure over all matrices of a model, with means at its edges and a colour bar.
/// Arrow keys move the selection, and the cell's values are told to screen readers.
class XrayGrid final : public Chart
{
    Q_OBJECT

public:
    explicit XrayGrid(QWidget* parent = nullptr);

    /// Keeps the selected cell where there still is one.
    void setData(XrayGridData data);
    const XrayGridData& data() const { return m_data; }
    void select(int row, int layer);
    std::optional<QPoint> selected() const { return m_selected; } ///< x: layer, y: row
    /// "block 24 mlp.down: 6.8 %, 3 intruders".
    QString cellText(int row, int layer) const;
    /// Where a cell lies in this widget.
    QRectF cellRect(int row, int layer) const;

    DataTable table() const override;
    void draw(QPainter& painter, const QRectF& rect) const override;
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void selectionChanged(int row, int layer);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Places;
    Places placesIn(const QRectF& rect) const;
    double valueAt(int row, int layer) const;
    int markAt(int row, int layer) const;
    double maximum() const;
    std::vector<double> means(bool ofRows) const;
    QString numberText(double value) const;
    std::optional<QPoint> cellAt(const QPointF& point) const;
    void drawCells(QPainter& painter, const Places& places) const;
    void drawNames(QPainter& painter, const Places& places) const;
    void drawMeans(QPainter& painter, const Places& places) const;
    void drawSelection(QPainter& painter, const Places& places) const;

    XrayGridData m_data;
    std::optional<QPoint> m_selected;
    bool m_isByKeyboard = false; ///< only then the ring is drawn
};

} // namespace tw
