// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to widgets/plot: only for .cpp files (QCustomPlot's header).
#include "widgets/plot/curve.h"
#include "widgets/plot/qcp.h"
#include "widgets/theme/theme.h"

#include <optional>

namespace tw {

class ValueTable;

/// The upright line that snaps to a step, and the table of all values there.
class Crosshair final
{
public:
    /// Both are children of owner, which holds the plot.
    Crosshair(QCustomPlot& plot, QWidget* owner);
    void setColors(const Theme& colors);
    /// Puts it at the step nearest to x; nothing where there are no points.
    void moveTo(double x, const CurveSet& curves, const QString& bottomTitle);
    /// So many steps on from where it is; from the first or last one if it is nowhere yet.
    void step(int steps, const CurveSet& curves, const QString& bottomTitle);
    void hide();
    const std::optional<double>& place() const { return m_place; }
    /// What stands beside it, as a sentence; empty while it is hidden.
    QString sentence() const;
    /// Leaves the line out of a drawing, or puts it back.
    void setDrawn(bool isDrawn);

private:
    void fillTable(const CurveSet& curves, const QString& bottomTitle);
    void placeTable();

    QCustomPlot& m_plot;
    QCPItemStraightLine* m_line;
    ValueTable* m_table;
    Theme m_colors;
    std::optional<double> m_place;
};

} // namespace tw
