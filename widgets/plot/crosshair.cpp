// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/crosshair.h"

#include "widgets/plot/chart.h"
#include "widgets/plot/value_table.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace tw {
namespace {

constexpr int kGap = 12; // px between the line and its table

QString layerName()
{
    return QStringLiteral("crosshair");
}

} // namespace

Crosshair::Crosshair(QCustomPlot& plot, QWidget* owner)
    : m_plot(plot)
    , m_table(new ValueTable(owner))
{
    plot.addLayer(layerName(), plot.layer(QStringLiteral("overlay")), QCustomPlot::limAbove);
    plot.layer(layerName())->setMode(QCPLayer::lmBuffered);
    m_line = new QCPItemStraightLine(&plot);
    m_line->setLayer(layerName());
    m_line->setVisible(false);
    m_line->setSelectable(false);
}

void Crosshair::setColors(const Theme& colors)
{
    m_colors = colors;
    m_line->setPen(QPen(colors.ink3, 1.5, Qt::DashLine));
    m_table->setColors(colors);
}

void Crosshair::moveTo(double x, const CurveSet& curves, const QString& bottomTitle)
{
    const std::optional<double> step = curves.nearestStep(x);
    if (!step)
        return hide();
    m_place = step;
    fillTable(curves, bottomTitle);
    m_line->setVisible(true);
    m_line->point1->setCoords(*m_place, m_plot.yAxis->range().lower);
    m_line->point2->setCoords(*m_place, m_plot.yAxis->range().upper);
    m_plot.layer(layerName())->replot();
    placeTable();
}

void Crosshair::fillTable(const CurveSet& curves, const QString& bottomTitle)
{
    QStringList quantities;
    QStringList names;
    for (const Curve& curve : curves.curves()) {
        if (!quantities.contains(curve.quantity))
            quantities << curve.quantity;
        if (!names.contains(curve.name))
            names << curve.name;
    }
    std::vector<ValueTable::Row> rows(static_cast<std::size_t>(names.size()));
    for (std::size_t i = 0; i < curves.curves().size(); ++i) {
        const Curve& curve = curves.curves()[i];
        ValueTable::Row& row = rows[static_cast<std::size_t>(names.indexOf(curve.name))];
        row.name = curve.name;
        if (!row.color.isValid())
            row.color = m_colors.lines[static_cast<std::size_t>(std::clamp(curve.line, 1, 6) - 1)];
        row.values.resize(quantities.size());
        if (const std::optional<double> value = curves.shownAt(i, *m_place))
            row.values[quantities.indexOf(curve.quantity)] = shortNumber(*value);
    }
    m_table->setContent(QCoreApplication::translate("tw::LinePlot", "%1 %2")
                            .arg(bottomTitle, QLocale().toString(*m_place, 'g', 10)),
                        quantities, rows);
}

void Crosshair::placeTable()
{
    const QRect axes = m_plot.axisRect()->rect();
    const int line = static_cast<int>(m_plot.xAxis->coordToPixel(*m_place));
    const bool isRight = line + kGap + m_table->width() <= axes.right();
    m_table->move(isRight ? line + kGap : std::max(0, line - kGap - m_table->width()),
                  axes.top() + 4);
    m_table->show();
    m_table->raise();
}

void Crosshair::step(int steps, const CurveSet& curves, const QString& bottomTitle)
{
    const std::vector<double>& all = curves.steps();
    if (all.empty())
        return;
    const auto last = static_cast<std::ptrdiff_t>(all.size()) - 1;
    std::ptrdiff_t index = steps > 0 ? -1 : last + 1;
    if (m_place)
        index = std::lower_bound(all.begin(), all.end(), *m_place) - all.begin();
    index = std::clamp<std::ptrdiff_t>(index + steps, 0, last);
    moveTo(all[static_cast<std::size_t>(index)], curves, bottomTitle);
}

void Crosshair::hide()
{
    m_place.reset();
    m_line->setVisible(false);
    m_table->hide();
    m_plot.layer(layerName())->replot();
}

QString Crosshair::sentence() const
{
    return m_place ? m_table->sentence() : QString();
}

void Crosshair::setDrawn(bool isDrawn)
{
    m_line->setVisible(isDrawn && m_place.has_value());
}

} // namespace tw
