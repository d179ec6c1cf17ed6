// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/line_plot.h"

#include "widgets/plot/axes.h"
#include "widgets/plot/crosshair.h"
#include "widgets/plot/end_labels.h"
#include "widgets/plot/place_marks.h"
#include "widgets/theme/type.h"

#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tw {
namespace {

constexpr double kRawOpacity = 0.22;

QVector<double> toVector(const std::vector<double>& values)
{
    return {values.begin(), values.end()};
}

/// From the fourth line on colour alone is not enough.
QPen linePen(const Theme& colors, int line, double width)
{
    QPen pen(colors.lines[static_cast<std::size_t>(std::clamp(line, 1, 6) - 1)], width);
    pen.setCapStyle(Qt::FlatCap);
    pen.setJoinStyle(Qt::RoundJoin);
    if (line == 4)
        pen.setDashPattern({6.0, 1.5, 1.5, 1.5});
    else if (line == 6)
        pen.setDashPattern({8.0, 2.0});
    return pen;
}

} // namespace

struct LinePlot::Parts
{
    explicit Parts(LinePlot* owner)
        : plot(new QCustomPlot(owner))
        , titles(*plot)
        , crosshair(*plot, owner)
        , ends(*plot)
        , marks(*plot)
    {
        plot->setFocusPolicy(Qt::NoFocus);
        plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
        plot->setNoAntialiasingOnDrag(true);
    }

    void addGraphs(const Curve& curve, const std::vector<double>& shown, const Theme& colors);

    QCustomPlot* plot; ///< child of the owner
    AxisTitles titles;
    Crosshair crosshair;
    EndLabels ends;
    PlaceMarks marks;
};

void LinePlot::Parts::addGraphs(const Curve& curve,
                                const std::vector<double>& shown,
                                const Theme& colors)
{
    const QColor color = colors.lines[static_cast<std::size_t>(std::clamp(curve.line, 1, 6) - 1)];
    if (curve.style == Curve::Style::Noisy) {
        QCPGraph* raw = plot->addGraph();
        raw->setData(toVector(curve.x), toVector(curve.y), true);
        raw->setPen(QPen(mixed(color, colors.panel, kRawOpacity * 1.4),
                         1)); // over lines nearly as light as the panel
        raw->removeFromLegend();
    }
    QCPGraph* graph = plot->addGraph();
    graph->setName(curve.name);
    graph->setData(toVector(curve.x), toVector(shown), true);
    graph->setPen(linePen(colors, curve.line, 2));
    if (curve.style == Curve::Style::Points || curve.style == Curve::Style::Marks) {
        const bool isMark = curve.style == Curve::Style::Marks;
        const double size = isMark ? 9 : 6;
        graph->setScatterStyle(QCPScatterStyle(
            QCPScatterStyle::ssCircle, QPen(color, isMark ? 2 : 1.3), QBrush(colors.panel), size));
        graph->setPen(isMark ? QPen(color, 2) : QPen(color, 1.2, Qt::DotLine));
        graph->setLineStyle(isMark ? QCPGraph::lsNone : QCPGraph::lsLine);
        graph->setAdaptiveSampling(false);
    }
}

LinePlot::LinePlot(QWidget* parent)
    : Chart(parent)
    , m_parts(std::make_unique<Parts>(this))
{
    setFocusPolicy(Qt::StrongFocus);
    QCustomPlot* plot = m_parts->plot;
    connect(plot, &QCustomPlot::afterLayout, this, [this] {
        m_parts->titles.place();
        m_parts->ends.place();
    });
    connect(plot, &QCustomPlot::mouseMove, this, [this, plot](QMouseEvent* event) {
        if (event->buttons() == Qt::NoButton)
            moveCrosshair(plot->xAxis->pixelToCoord(event->position().x()));
        else
            m_isZoomed = true;
    });
    connect(plot, &QCustomPlot::mouseWheel, this, [this] { m_isZoomed = true; });
    connect(plot, &QCustomPlot::mouseDoubleClick, this, &LinePlot::resetZoom);
    tw::setLogarithmic(*plot->yAxis, false);
    plot->xAxis->setTicker(QSharedPointer<LinearTicker>::create(6, LinearTicker::Kind::Whole));
    recolor();
}

LinePlot::~LinePlot() = default;

void LinePlot::setAxisTitles(const QString& bottom, const QString& left)
{
    m_parts->titles.setTitles(bottom, left);
    describe();
    recolor();
}

void LinePlot::setCurves(std::vector<Curve> curves)
{
    if (!m_curves.set(std::move(curves)))
        return;
    describe();
    rebuild();
}

void LinePlot::setMarks(std::vector<std::pair<double, QString>> marks)
{
    if (marks == m_marks)
        return;
    m_marks = std::move(marks);
    rebuild();
}

void LinePlot::setLogarithmic(bool isLogarithmic)
{
    m_isLogarithmic = isLogarithmic;
    tw::setLogarithmic(*m_parts->plot->yAxis, isLogarithmic);
    m_isZoomed = false;
    rebuild();
}

void LinePlot::setBottomStart(double start)
{
    m_bottomStart = start;
    rebuild();
}

void LinePlot::setLegendVisible(bool isVisible)
{
    m_hasLegend = isVisible;
    rebuild();
}

void LinePlot::rebuild()
{
    Parts& parts = *m_parts;
    parts.plot->clearGraphs();
    for (std::size_t i = 0; i < m_curves.curves().size(); ++i)
        parts.addGraphs(m_curves.curves()[i], m_curves.shown(i), colors());
    const QFont caption = textFont(TextType::Caption);
    parts.ends.set(m_curves, colors(), caption);
    parts.marks.set(m_marks, colors(), caption);
    parts.titles.style(colors(), caption, parts.ends.room());

    // Axes without a curve would show numbers that nobody measured.
    for (QCPAxis* axis : {parts.plot->xAxis, parts.plot->yAxis})
        axis->setVisible(!m_curves.isEmpty());
    parts.titles.setVisible(!m_curves.isEmpty());
    QCPLegend* legend = parts.plot->legend;
    legend->setVisible(m_hasLegend);
    legend->setFont(caption);
    legend->setTextColor(colors().ink);
    legend->setBorderPen(Qt::NoPen);
    legend->setBrush(colors().panel);
    legend->setIconSize(20, 12);
    legend->setRowSpacing(0);
    if (!m_isZoomed)
        resetZoom();
    else
        parts.plot->replot(QCustomPlot::rpQueuedReplot);
    if (const std::optional<double> place = crosshair())
        moveCrosshair(*place);
}

void LinePlot::resetZoom()
{
    m_isZoomed = false;
    QCustomPlot* plot = m_parts->plot;
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -lowest;
    for (const Curve& curve : m_curves.curves()) {
        for (const double y : curve.y) {
            if (!std::isfinite(y) || (m_isLogarithmic && y <= 0.0))
                continue;
            lowest = std::min(lowest, y);
            highest = std::max(highest, y);
        }
    }
    if (!(lowest <= highest)) {
        lowest = m_isLogarithmic ? 0.1 : 0.0;
        highest = 1.0;
    }
    if (m_isLogarithmic) {
        const double margin = std::max(std::pow(highest / lowest, 0.05), 1.02);
        plot->yAxis->setRange(lowest / margin, highest * margin);
    } else {
        const double size =
            highest > lowest ? highest - lowest : std::max(std::abs(highest) * 0.1, 1e-6);
        plot->yAxis->setRange(lowest - 0.05 * size, highest + 0.08 * size);
    }
    const std::vector<double>& steps = m_curves.steps();
    const double first = steps.empty() ? 0.0 : std::min(m_bottomStart, steps.front());
    const double last = steps.empty() ? 1.0 : steps.back();
    const double size = last > first ? last - first : 1.0;
    // So that circles at both ends are whole; an axis that begins at step 1 says so (LinearTicker).
    plot->xAxis->setRange(first == 0.0 ? -size * 0.008 : first, first + size * 1.006);
    plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::recolor()
{
    styleAxes(*m_parts->plot, colors(), textFont(TextType::Caption));
    m_parts->crosshair.setColors(colors());
    rebuild();
}

void LinePlot::moveCrosshair(double x)
{
    m_parts->crosshair.moveTo(x, m_curves, m_parts->titles.bottomText());
}

void LinePlot::hideCrosshair()
{
    m_parts->crosshair.hide();
}

std::optional<double> LinePlot::crosshair() const
{
    return m_parts->crosshair.place();
}

QString LinePlot::crosshairText() const
{
    return m_parts->crosshair.sentence();
}

void LinePlot::stepCrosshair(int steps)
{
    m_parts->crosshair.step(steps, m_curves, m_parts->titles.bottomText());
    setAccessibleDescription(crosshairText());
}

void LinePlot::keyPressEvent(QKeyEvent* event)
{
    const int all = static_cast<int>(m_curves.steps().size());
    const int far = std::max(1, all / 20);
    switch (event->key()) {
    case Qt::Key_Left:
        return stepCrosshair(event->modifiers() & Qt::ShiftModifier ? -far : -1);
    case Qt::Key_Right:
        return stepCrosshair(event->modifiers() & Qt::ShiftModifier ? far : 1);
    case Qt::Key_Home:
        return stepCrosshair(-all);
    case Qt::Key_End:
        return stepCrosshair(all);
    case Qt::Key_0:
        return resetZoom();
    case Qt::Key_Escape:
        if (crosshair())
            return hideCrosshair();
        [[fallthrough]];
    default:
        Chart::keyPressEvent(event);
    }
}

void LinePlot::leaveEvent(QEvent* event)
{
    hideCrosshair();
    Chart::leaveEvent(event);
}

void LinePlot::resizeEvent(QResizeEvent* event)
{
    m_parts->plot->setGeometry(rect());
    hideCrosshair();
    Chart::resizeEvent(event);
}

void LinePlot::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange)
        recolor();
    Chart::changeEvent(event);
}

void LinePlot::describe()
{
    QStringList ends;
    for (std::size_t i = 0; i < m_curves.curves().size(); ++i) {
        const Curve& curve = m_curves.curves()[i];
        if (const auto last = m_curves.lastPoint(i))
            ends << tr("%1 %2 ends at %3")
                        .arg(curve.name, curve.quantity, shortNumber(m_curves.shown(i)[*last]));
    }
    setAccessibleDescription(tr("%1 over %2. %3")
                                 .arg(m_parts->titles.leftText(), m_parts->titles.bottomText(),
                                      ends.join(QStringLiteral("; "))));
}

DataTable LinePlot::table() const
{
    DataTable table;
    table.columns << m_parts->titles.bottomText();
    for (const Curve& curve : curves())
        table.columns << tr("%1 %2").arg(curve.name, curve.quantity).trimmed();
    for (const double step : m_curves.steps()) {
        QStringList row {cellText(step)};
        for (const Curve& curve : curves()) {
            const auto at = std::lower_bound(curve.x.begin(), curve.x.end(), step);
            const bool isThere = at != curve.x.end() && *at == step;
            row << (isThere ? cellText(curve.y[static_cast<std::size_t>(at - curve.x.begin())])
                            : QString());
        }
        table.rows.push_back(row);
    }
    return table;
}

void LinePlot::draw(QPainter& painter, const QRectF& rect) const
{
    m_parts->crosshair.setDrawn(false);
    drawPlot(*m_parts->plot, painter, rect);
    m_parts->crosshair.setDrawn(true);
}

QSize LinePlot::sizeHint() const
{
    const int height = fontMetrics().height();
    return {height * 26, height * 15};
}

QSize LinePlot::minimumSizeHint() const
{
    const int height = fontMetrics().height();
    return {height * 12, height * 8};
}

} // namespace tw
