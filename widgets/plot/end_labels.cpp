// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/end_labels.h"

#include "widgets/plot/chart.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <utility>

namespace tw {
namespace {

constexpr std::size_t kMostLabels = 6;
constexpr double kGap = 12.0; // px right of the axes without a label

/// Moves labels apart, downwards from the top one, then back up from the floor.
void spread(std::vector<std::pair<double, std::size_t>>& places, double height, double floor)
{
    std::sort(places.begin(), places.end());
    for (std::size_t i = 1; i < places.size(); ++i)
        places[i].first = std::max(places[i].first, places[i - 1].first + height);
    double limit = floor;
    for (auto place = places.rbegin(); place != places.rend(); ++place) {
        place->first = std::min(place->first, limit);
        limit = place->first - height;
    }
}

} // namespace

EndLabels::EndLabels(QCustomPlot& plot)
    : m_plot(plot)
{
}

void EndLabels::set(const CurveSet& curves, const Theme& colors, const QFont& font)
{
    for (const Label& label : m_labels)
        m_plot.removeItem(label.text);
    m_labels.clear();
    for (QCPItemTracer* dot : m_dots)
        m_plot.removeItem(dot);
    m_dots.clear();
    m_lastStep = curves.steps().empty() ? 1.0 : curves.steps().back();
    for (std::size_t i = 0; i < curves.curves().size(); ++i) {
        const Curve& curve = curves.curves()[i];
        if (!curve.hasEndLabel)
            continue;
        if (const auto last = curves.lastPoint(i))
            add(curve, curve.x[*last], curves.shown(i)[*last], colors, font);
    }
}

void EndLabels::add(const Curve& curve, double x, double y, const Theme& colors, const QFont& font)
{
    auto* dot =
        new QCPItemTracer(&m_plot); // a graph's point would be cut off at the edge of the axes
    dot->setStyle(QCPItemTracer::tsCircle);
    dot->setClipToAxisRect(false);
    dot->setSelectable(false);
    dot->setSize(7);
    dot->setPen(Qt::NoPen);
    dot->setBrush(colors.lines[static_cast<std::size_t>(std::clamp(curve.line, 1, 6) - 1)]);
    dot->position->setCoords(x, y);
    m_dots.push_back(dot);
    if (m_labels.size() >= kMostLabels)
        return;
    auto* text = new QCPItemText(&m_plot);
    text->setClipToAxisRect(false);
    text->setSelectable(false);
    text->setFont(font);
    text->setColor(colors.ink);
    text->setPadding(QMargins());
    text->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    text->position->setType(QCPItemPosition::ptAbsolute);
    text->setText(
        QCoreApplication::translate("tw::LinePlot", "%1: %2").arg(curve.name, shortNumber(y)));
    m_labels.push_back({text, x, y});
}

double EndLabels::room() const
{
    double room = kGap;
    for (const Label& label : m_labels)
        if (label.x > 0.8 * m_lastStep) // those that end earlier have room inside
            room = std::max(
                room,
                kGap + QFontMetricsF(label.text->font()).horizontalAdvance(label.text->text()));
    return room;
}

void EndLabels::place()
{
    const QCPRange across = m_plot.xAxis->range();
    const QCPRange up = m_plot.yAxis->range();
    for (QCPItemTracer* dot : m_dots)
        dot->setVisible(up.contains(dot->position->value())
                        && across.contains(dot->position->key()));
    std::vector<std::pair<double, std::size_t>> places; // pixels from the top, and whose
    for (std::size_t i = 0; i < m_labels.size(); ++i) {
        const Label& label = m_labels[i];
        label.text->setVisible(up.contains(label.y) && across.contains(label.x));
        if (label.text->visible())
            places.emplace_back(m_plot.yAxis->coordToPixel(label.y), i);
    }
    if (places.empty())
        return;
    spread(places, QFontMetricsF(m_labels.front().text->font()).height(),
           m_plot.axisRect()->bottom());
    for (const auto& [y, i] : places)
        m_labels[i].text->position->setPixelPosition(
            QPointF(m_plot.xAxis->coordToPixel(m_labels[i].x) + 8, y));
}

} // namespace tw
