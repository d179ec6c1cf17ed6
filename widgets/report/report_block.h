// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/basic/figure_row.h"
#include "widgets/heat/xray_grid.h"
#include "widgets/plot/data_table.h"
#include "widgets/plot/line_plot.h"
#include "widgets/shade/shaded_list.h"

#include <QString>

#include <variant>
#include <vector>

namespace tw {

// The parts of a printed report, as plain values. Preview and PDF are painted from the same list.

struct ReportHead
{
    QString above; ///< "Tunewright report, 23 November 2026"
    QString title;
    QString subtitle;
};
struct ReportFigures
{
    std::vector<Figure> figures;
};
struct ReportHeading
{
    QString text;
    QString fact; ///< quiet words beside it
};
struct ReportText
{
    QString markdown;
    bool isNote = false; ///< with a bar at its left
};
struct ReportTable
{
    DataTable table;
};
struct ReportCurves
{
    QString bottom;
    QString left;
    std::vector<Curve> curves;
    bool isLogarithmic = false;
};
struct ReportGrid
{
    XrayGridData data;
};
struct ReportTexts
{
    std::vector<ShadedRow> rows;
};

using ReportBlock = std::variant<ReportHead,
                                 ReportFigures,
                                 ReportHeading,
                                 ReportText,
                                 ReportTable,
                                 ReportCurves,
                                 ReportGrid,
                                 ReportTexts>;

} // namespace tw
