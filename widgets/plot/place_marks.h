// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plot/qcp.h"
#include "widgets/theme/theme.h"

#include <QFont>

#include <utility>
#include <vector>

namespace tw {

/// Upright lines over a plot's height at named places of the bottom axis.
class PlaceMarks
{
public:
    explicit PlaceMarks(QCustomPlot& plot)
        : m_plot(plot)
    {
    }

    void set(const std::vector<std::pair<double, QString>>& marks,
             const Theme& colors,
             const QFont& font);

private:
    QCustomPlot& m_plot;
    std::vector<QCPAbstractItem*> m_items; ///< the plot owns them
};

} // namespace tw
