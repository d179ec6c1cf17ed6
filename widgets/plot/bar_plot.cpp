// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/bar_plot.h"

#include "widgets/plot/axes.h"
#include "widgets/theme/type.h"

#include <QHelpEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr double kWeak = 0.55; // opacity of bars that only accompany

} // namespace

Bars indexedBars(std::vector<double> values)
{
    Bars bars;
    for (std::size_t i = 0; i <= values.size(); ++i)
        bars.edges.push_back(static_cast<double>(i) + 0.5);
    bars.values = std::move(values);
    return bars;
}

struct BarPlot::Parts
{
    explicit Parts(BarPlot* owner)
        : plot(new QCustomPlot(owner))
        , titles(*plot)
    {
        plot->setFocusPolicy(Qt::NoFocus);
        plot->setAttribute(Qt::WA_TransparentForMouseEvents);
    }

    QCustomPlot* plot; ///< child of the owner
    AxisTitles titles;
};

BarPlot::BarPlot(QWidget* parent)
    : Chart(parent)
    , m_parts(std::make_unique<Parts>(this))
{
    setFocusPolicy(Qt::StrongFocus);
    connect(m_parts->plot, &QCustomPlot::afterLayout, this, [this] { m_parts->titles.place(); });
    tw::setLogarithmic(*m_parts->plot->yAxis, false);
    recolor();
}

BarPlot::~BarPlot() = default;

void BarPlot::setAxisTitles(const QString& bottom, const QString& left)
{
    m_parts->titles.setTitles(bottom, left);
    recolor();
}

void BarPlot::setBars(Bars bars, std::vector<ReferenceLine> lines)
{
    m_bars = std::move(bars);
    m_lines = std::move(lines);
    const auto highest = std::max_element(m_bars.values.begin(), m_bars.values.end());
    if (highest != m_bars.values.end())
        setAccessibleDescription(tr("%1 over %2: %n bars, the highest is %3. %4", nullptr,
                                    static_cast<int>(m_bars.values.size()))
                                     .arg(m_parts->titles.leftText(), m_parts->titles.bottomText(),
                                          shortNumber(*highest), m_bars.note));
    rebuild();
}

bool BarPlot::isIndexed() const
{
    return !m_bars.edges.empty() && m_bars.edges.front() == 0.5;
}

void BarPlot::rebuild()
{
    QCustomPlot* plot = m_parts->plot;
    plot->clearPlottables();
    while (plot->itemCount() > 2) // the two axis titles stay
        plot->removeItem(plot->item(plot->itemCount() - 1));
    const QColor strong =
        colors().lines[static_cast<std::size_t>(std::clamp(m_bars.line, 1, 6) - 1)];
    const QColor weak = mixed(strong, colors().panel, kWeak);
    const double gap = isIndexed() ? 0.16 : 0.0;
    double highest = 0.0;
    for (std::size_t i = 0; i < m_bars.values.size() && i + 1 < m_bars.edges.size(); ++i) {
        const double width = m_bars.edges[i + 1] - m_bars.edges[i];
        const bool isStrong = m_bars.strong == 0 || i < m_bars.strong;
        auto* bar = new QCPBars(plot->xAxis, plot->yAxis);
        bar->setPen(isIndexed() ? QPen(Qt::NoPen) : QPen(colors().panel, 1));
        bar->setBrush(isStrong ? strong : weak);
        bar->setWidth(width * (1.0 - gap));
        bar->setAntialiased(false);
        bar->addData(m_bars.edges[i] + width / 2.0, m_bars.values[i]);
        highest = std::max(highest, m_bars.values[i]);
    }
    double first = m_bars.edges.empty() ? 0.0 : m_bars.edges.front();
    double last = m_bars.edges.empty() ? 1.0 : m_bars.edges.back();
    for (const ReferenceLine& line : m_lines) {
        first = std::min(first, line.x);
        last = std::max(last, line.x);
    }
    plot->xAxis->setTicker(QSharedPointer<LinearTicker>::create(
        5, isIndexed() ? LinearTicker::Kind::Whole : LinearTicker::Kind::Real));
    plot->xAxis->setRange(first, last + (m_lines.empty() ? 0.0 : 0.02 * (last - first)));
    plot->yAxis->setRange(0.0, highest > 0.0 ? highest * 1.12 : 1.0);
    const QFont caption = textFont(TextType::Caption);
    for (const ReferenceLine& line : m_lines)
        addLine(line, caption);
    if (!m_bars.note.isEmpty())
        addNote(m_bars.note, caption);
    m_parts->titles.style(colors(), caption, 12.0);
    plot->replot(QCustomPlot::rpQueuedReplot);
}

void BarPlot::addNote(const QString& text, const QFont& font)
{
    auto* note = new QCPItemText(m_parts->plot);
    note->setText(text);
    note->setFont(font);
    note->setColor(colors().ink2);
    note->setPadding(QMargins(4, 2, 4, 2));
    note->setBrush(colors().panel);
    note->setPositionAlignment(Qt::AlignRight | Qt::AlignTop);
    note->position->setType(QCPItemPosition::ptAxisRectRatio);
    note->position->setCoords(1.0, 0.02);
}

void BarPlot::addLine(const ReferenceLine& line, const QFont& font)
{
    auto* stroke = new QCPItemLine(m_parts->plot);
    stroke->setPen(QPen(colors().ink3, 1, Qt::DashLine));
    stroke->start->setCoords(line.x, 0.0);
    stroke->end->setCoords(line.x, m_parts->plot->yAxis->range().upper);
    auto* text = new QCPItemText(m_parts->plot);
    text->setText(line.label);
    text->setFont(font);
    text->setColor(colors().ink2);
    text->setPadding(QMargins(4, 0, 4, 0));
    const QCPRange range = m_parts->plot->xAxis->range();
    const bool isRightHalf = line.x > range.center();
    text->setPositionAlignment((isRightHalf ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    text->position->setCoords(line.x, m_parts->plot->yAxis->range().upper * 0.6);
}

void BarPlot::recolor()
{
    styleAxes(*m_parts->plot, colors(), textFont(TextType::Caption));
    m_parts->plot->xAxis->grid()->setVisible(false);
    rebuild();
}

bool BarPlot::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const double x = m_parts->plot->xAxis->pixelToCoord(help->pos().x());
        const auto above = std::upper_bound(m_bars.edges.begin(), m_bars.edges.end(), x);
        const auto bar = static_cast<std::size_t>(above - m_bars.edges.begin());
        if (bar == 0 || bar > m_bars.values.size()) {
            QToolTip::hideText();
        } else {
            const QString place = isIndexed()
                ? QString::number(bar)
                : tr("%1 to %2")
                      .arg(shortNumber(m_bars.edges[bar - 1]), shortNumber(m_bars.edges[bar]));
            QToolTip::showText(help->globalPos(),
                               tr("%1: %2").arg(place, shortNumber(m_bars.values[bar - 1], 4)),
                               this);
        }
        return true;
    }
    return Chart::event(event);
}

void BarPlot::resizeEvent(QResizeEvent* event)
{
    m_parts->plot->setGeometry(rect());
    Chart::resizeEvent(event);
}

void BarPlot::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange)
        recolor();
    Chart::changeEvent(event);
}

DataTable BarPlot::table() const
{
    DataTable table;
    const QString bottom = m_parts->titles.bottomText();
    if (isIndexed())
        table.columns = QStringList {bottom, m_parts->titles.leftText()};
    else
        table.columns = QStringList {tr("%1, from").arg(bottom), tr("%1, to").arg(bottom),
                                     m_parts->titles.leftText()};
    for (std::size_t i = 0; i < m_bars.values.size() && i + 1 < m_bars.edges.size(); ++i) {
        const QString value = cellText(m_bars.values[i]);
        table.rows.push_back(isIndexed() ? QStringList {QString::number(i + 1), value}
                                         : QStringList {cellText(m_bars.edges[i]),
                                                        cellText(m_bars.edges[i + 1]), value});
    }
    return table;
}

void BarPlot::draw(QPainter& painter, const QRectF& rect) const
{
    drawPlot(*m_parts->plot, painter, rect);
}

QSize BarPlot::sizeHint() const
{
    const int height = fontMetrics().height();
    return {height * 20, height * 13};
}

QSize BarPlot::minimumSizeHint() const
{
    const int height = fontMetrics().height();
    return {height * 10, height * 7};
}

} // namespace tw
