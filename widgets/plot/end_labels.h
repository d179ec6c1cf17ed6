// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to widgets/plot: only for .cpp files (QCustomPlot's header).
#include "widgets/plot/curve.h"
#include "widgets/plot/qcp.h"
#include "widgets/theme/theme.h"

#include <QFont>

#include <vector>

namespace tw {

/// Dots where curves end, and beside them name and last value, moved apart so that all can be read.
class EndLabels final
{
public:
    explicit EndLabels(QCustomPlot& plot);
    /// Those of all curves that want one.
    void set(const CurveSet& curves, const Theme& colors, const QFont& font);
    /// What the right margin has to hold.
    double room() const;
    /// Moves them to where their curves end now: after each layout.
    void place();

private:
    struct Label
    {
        QCPItemText* text = nullptr;
        double x = 0.0;
        double y = 0.0;
    };
    void add(const Curve& curve, double x, double y, const Theme& colors, const QFont& font);

    QCustomPlot& m_plot;
    std::vector<Label> m_labels;
    std::vector<QCPItemTracer*> m_dots;
    double m_lastStep = 1.0;
};

} // namespace tw
