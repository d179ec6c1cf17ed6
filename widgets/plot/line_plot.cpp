// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/line_plot.h"

#include "widgets/plot/axes.h"
#include "widgets/plot/value_table.h"
#include "widgets/theme/type.h"

#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tw {
namespace {

constexpr double kRawOpacity = 0.22;
constexpr std::size_t kMostEndLabels = 6;

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

std::vector<double> shownValues(const Curve& curve)
{
    return curve.style == Curve::Style::Noisy ? smoothed(curve.y) : curve.y;
}

/// Index of the last point that is a number; none: -1.
std::ptrdiff_t lastPoint(const std::vector<double>& values)
{
    for (auto i = static_cast<std::ptrdiff_t>(values.size()) - 1; i >= 0; --i)
        if (std::isfinite(values[static_cast<std::size_t>(i)]))
            return i;
    return -1;
}

struct EndLabel
{
    QCPItemText* text = nullptr;
    double x = 0.0;
    double y = 0.0;
};

/// Moves labels apart, downwards from the top one, then back up from the floor.
void spread(std::vector<std::pair<double, QCPItemText*>>& labels, double height, double floor)
{
    std::sort(labels.begin(), labels.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 1; i < labels.size(); ++i)
        labels[i].first = std::max(labels[i].first, labels[i - 1].first + height);
    double limit = floor;
    for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
        label->first = std::min(label->first, limit);
        limit = label->first - height;
    }
}

} // namespace

std::vector<double> smoothed(const std::vector<double>& values, double span)
{
    const double keep = std::exp(-1.0 / span);
    std::vector<double> result;
    result.reserve(values.size());
    double sum = 0.0;
    double weight = 0.0;
    for (const double value : values) {
        if (!std::isfinite(value)) {
            result.push_back(std::nan(""));
            continue;
        }
        sum = keep * sum + value;
        weight = keep * weight + 1.0;
        result.push_back(sum / weight);
    }
    return result;
}

struct LinePlot::Parts
{
    explicit Parts(LinePlot* owner)
        : plot(new QCustomPlot(owner))
        , titles(*plot)
        , values(new ValueTable(owner))
    {
        plot->setFocusPolicy(Qt::NoFocus);
        plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
        plot->setNoAntialiasingOnDrag(true);
        plot->addLayer(QStringLiteral("crosshair"), plot->layer(QStringLiteral("overlay")),
                       QCustomPlot::limAbove);
        plot->layer(QStringLiteral("crosshair"))->setMode(QCPLayer::lmBuffered);
        line = new QCPItemStraightLine(plot);
        line->setLayer(QStringLiteral("crosshair"));
        line->setVisible(false);
        line->setSelectable(false);
    }

    void addGraphs(const Curve& curve, const Theme& colors);
    void addEnd(const Curve& curve,
                const std::vector<double>& values,
                const Theme& colors,
                const QFont& font);
    void placeLabels();
    double labelRoom() const;

    QCustomPlot* plot; ///< child of the owner
    AxisTitles titles;
    ValueTable* values;
    QCPItemStraightLine* line;
    std::vector<EndLabel> labels;
    std::vector<QCPItemTracer*> dots;
    double xMaximum = 0.0;
};

void LinePlot::Parts::addGraphs(const Curve& curve, const Theme& colors)
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
    graph->setData(toVector(curve.x), toVector(shownValues(curve)), true);
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

void LinePlot::Parts::addEnd(const Curve& curve,
                             const std::vector<double>& shown,
                             const Theme& colors,
                             const QFont& font)
{
    const std::ptrdiff_t last = lastPoint(shown);
    if (last < 0)
        return;
    const double x = curve.x[static_cast<std::size_t>(last)];
    const double y = shown[static_cast<std::size_t>(last)];
    auto* dot = new QCPItemTracer(plot); // a graph's point would be cut off at the edge of the axes
    dot->setStyle(QCPItemTracer::tsCircle);
    dot->setClipToAxisRect(false);
    dot->setSelectable(false);
    dot->setSize(7);
    dot->setPen(Qt::NoPen);
    dot->setBrush(linePen(colors, curve.line, 1).color());
    dot->position->setCoords(x, y);
    dots.push_back(dot);
    if (labels.size() >= kMostEndLabels)
        return;
    auto* text = new QCPItemText(plot);
    text->setClipToAxisRect(false);
    text->setSelectable(false);
    text->setFont(font);
    text->setColor(colors.ink);
    text->setPadding(QMargins());
    text->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    text->position->setType(QCPItemPosition::ptAbsolute);
    text->setText(LinePlot::tr("%1: %2").arg(curve.name, shortNumber(y)));
    labels.push_back({text, x, y});
}

double LinePlot::Parts::labelRoom() const
{
    double room = 12.0;
    for (const EndLabel& label : labels)
        if (label.x > 0.8 * xMaximum) // those that end earlier have room inside
            room = std::max(
                room,
                12.0 + QFontMetricsF(label.text->font()).horizontalAdvance(label.text->text()));
    return room;
}

void LinePlot::Parts::placeLabels()
{
    std::vector<std::pair<double, QCPItemText*>> places;
    const QCPRange shown = plot->yAxis->range();
    for (QCPItemTracer* dot : dots)
        dot->setVisible(shown.contains(dot->position->value())
                        && plot->xAxis->range().contains(dot->position->key()));
    for (const EndLabel& label : labels) {
        label.text->setVisible(shown.contains(label.y) && plot->xAxis->range().contains(label.x));
        if (label.text->visible())
            places.emplace_back(plot->yAxis->coordToPixel(label.y), label.text);
    }
    if (places.empty())
        return;
    const double height = QFontMetricsF(places.front().second->font()).height();
    spread(places, height, plot->axisRect()->bottom());
    for (const auto& [y, text] : places) {
        const auto label =
            std::find_if(labels.begin(), labels.end(),
                         [text = text](const EndLabel& one) { return one.text == text; });
        text->position->setPixelPosition(QPointF(plot->xAxis->coordToPixel(label->x) + 8, y));
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
        m_parts->placeLabels();
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
    if (curves == m_curves)
        return;
    m_curves = std::move(curves);
    m_steps.clear();
    for (const Curve& curve : m_curves)
        m_steps.insert(m_steps.end(), curve.x.begin(), curve.x.end());
    std::sort(m_steps.begin(), m_steps.end());
    m_steps.erase(std::unique(m_steps.begin(), m_steps.end()), m_steps.end());
    describe();
    rebuild();
}

void LinePlot::setLogarithmic(bool isLogarithmic)
{
    m_isLogarithmic = isLogarithmic;
    tw::setLogarithmic(*m_parts->plot->yAxis, isLogarithmic);
    m_isZoomed = false;
    rebuild();
}

void LinePlot::setFromZero(bool fromZero)
{
    m_fromZero = fromZero;
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
    for (const EndLabel& label : parts.labels)
        parts.plot->removeItem(label.text);
    parts.labels.clear();
    for (QCPItemTracer* dot : parts.dots)
        parts.plot->removeItem(dot);
    parts.dots.clear();
    parts.xMaximum = m_steps.empty() ? 1.0 : m_steps.back();
    const QFont caption = textFont(TextType::Caption);
    for (const Curve& curve : m_curves)
        parts.addGraphs(curve, colors());
    for (const Curve& curve : m_curves)
        if (curve.hasEndLabel)
            parts.addEnd(curve, shownValues(curve), colors(), caption);
    parts.titles.style(colors(), caption, parts.labelRoom());

    // Axes without a curve would show numbers that nobody measured.
    for (QCPAxis* axis : {parts.plot->xAxis, parts.plot->yAxis})
        axis->setVisible(!m_curves.empty());
    parts.titles.setVisible(!m_curves.empty());
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
    if (m_crosshair)
        moveCrosshair(*m_crosshair);
}

void LinePlot::resetZoom()
{
    m_isZoomed = false;
    QCustomPlot* plot = m_parts->plot;
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -lowest;
    for (const Curve& curve : m_curves) {
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
        plot->yAxis->setRange(m_fromZero ? std::min(0.0, lowest) : lowest - 0.05 * size,
                              highest + 0.08 * size);
    }
    const double first = m_steps.empty() ? 0.0 : std::min(m_bottomStart, m_steps.front());
    const double last = m_steps.empty() ? 1.0 : m_steps.back();
    const double size = last > first ? last - first : 1.0;
    plot->xAxis->setRange(first, first + size * 1.006); // so that circles at the end are whole
    plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::recolor()
{
    styleAxes(*m_parts->plot, colors(), textFont(TextType::Caption));
    m_parts->line->setPen(QPen(colors().ink3, 1.5, Qt::DashLine));
    m_parts->values->setColors(colors());
    rebuild();
}

void LinePlot::moveCrosshair(double x)
{
    if (m_steps.empty())
        return;
    auto after = std::lower_bound(m_steps.begin(), m_steps.end(), x);
    if (after == m_steps.end() || (after != m_steps.begin() && x - *(after - 1) < *after - x))
        --after;
    m_crosshair = *after;

    QStringList quantities;
    QStringList names;
    for (const Curve& curve : m_curves) {
        if (!quantities.contains(curve.quantity))
            quantities << curve.quantity;
        if (!names.contains(curve.name))
            names << curve.name;
    }
    std::vector<ValueTable::Row> rows(static_cast<std::size_t>(names.size()));
    for (const Curve& curve : m_curves) {
        ValueTable::Row& row = rows[static_cast<std::size_t>(names.indexOf(curve.name))];
        row.name = curve.name;
        if (!row.color.isValid())
            row.color = colors().lines[static_cast<std::size_t>(std::clamp(curve.line, 1, 6) - 1)];
        row.values.resize(quantities.size());
        const auto at = std::lower_bound(curve.x.begin(), curve.x.end(), *m_crosshair);
        if (at != curve.x.end() && *at == *m_crosshair)
            row.values[quantities.indexOf(curve.quantity)] =
                shortNumber(shownValues(curve)[static_cast<std::size_t>(at - curve.x.begin())]);
    }
    Parts& parts = *m_parts;
    parts.values->setContent(
        tr("%1 %2").arg(parts.titles.bottomText(), QLocale().toString(*m_crosshair, 'g', 10)),
        quantities, rows);

    parts.line->setVisible(true);
    parts.line->point1->setCoords(*m_crosshair, parts.plot->yAxis->range().lower);
    parts.line->point2->setCoords(*m_crosshair, parts.plot->yAxis->range().upper);
    parts.plot->layer(QStringLiteral("crosshair"))->replot();

    const QRect axes = parts.plot->axisRect()->rect();
    const int place = static_cast<int>(parts.plot->xAxis->coordToPixel(*m_crosshair));
    const bool isRight = place + 12 + parts.values->width() <= axes.right();
    parts.values->move(isRight ? place + 12 : std::max(0, place - 12 - parts.values->width()),
                       axes.top() + 4);
    parts.values->show();
    parts.values->raise();
}

void LinePlot::hideCrosshair()
{
    m_crosshair.reset();
    m_parts->line->setVisible(false);
    m_parts->values->hide();
    m_parts->plot->layer(QStringLiteral("crosshair"))->replot();
}

QString LinePlot::crosshairText() const
{
    return m_crosshair ? m_parts->values->sentence() : QString();
}

void LinePlot::stepCrosshair(int steps)
{
    if (m_steps.empty())
        return;
    const auto last = static_cast<std::ptrdiff_t>(m_steps.size()) - 1;
    std::ptrdiff_t index = steps > 0 ? -1 : last + 1;
    if (m_crosshair)
        index = std::lower_bound(m_steps.begin(), m_steps.end(), *m_crosshair) - m_steps.begin();
    index = std::clamp<std::ptrdiff_t>(index + steps, 0, last);
    moveCrosshair(m_steps[static_cast<std::size_t>(index)]);
    setAccessibleDescription(crosshairText());
}

void LinePlot::keyPressEvent(QKeyEvent* event)
{
    const int far = std::max(1, static_cast<int>(m_steps.size() / 20));
    switch (event->key()) {
    case Qt::Key_Left:
        return stepCrosshair(event->modifiers() & Qt::ShiftModifier ? -far : -1);
    case Qt::Key_Right:
        return stepCrosshair(event->modifiers() & Qt::ShiftModifier ? far : 1);
    case Qt::Key_Home:
        return stepCrosshair(-static_cast<int>(m_steps.size()));
    case Qt::Key_End:
        return stepCrosshair(static_cast<int>(m_steps.size()));
    case Qt::Key_0:
        return resetZoom();
    case Qt::Key_Escape:
        if (m_crosshair)
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
    for (const Curve& curve : m_curves) {
        const std::vector<double> shown = shownValues(curve);
        const std::ptrdiff_t last = lastPoint(shown);
        if (last >= 0)
            ends << tr("%1 %2 ends at %3")
                        .arg(curve.name, curve.quantity,
                             shortNumber(shown[static_cast<std::size_t>(last)]));
    }
    setAccessibleDescription(tr("%1 over %2. %3")
                                 .arg(m_parts->titles.leftText(), m_parts->titles.bottomText(),
                                      ends.join(QStringLiteral("; "))));
}

DataTable LinePlot::table() const
{
    DataTable table;
    table.columns << m_parts->titles.bottomText();
    for (const Curve& curve : m_curves)
        table.columns << tr("%1 %2").arg(curve.name, curve.quantity).trimmed();
    for (const double step : m_steps) {
        QStringList row {cellText(step)};
        for (const Curve& curve : m_curves) {
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
    const bool hadLine = m_parts->line->visible();
    m_parts->line->setVisible(false);
    drawPlot(*m_parts->plot, painter, rect);
    m_parts->line->setVisible(hadLine);
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
