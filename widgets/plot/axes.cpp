// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/axes.h"

#include "widgets/plot/chart.h"

#include <QPicture>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr int kTick = 4; // px
constexpr int kGap = 4;

QString minusSigned(QString text)
{
    return text.replace(QLatin1Char('-'), QChar(0x2212));
}

} // namespace

LinearTicker::LinearTicker(int count, Kind kind)
    : m_kind(kind)
{
    setTickCount(count);
    setTickStepStrategy(tssReadability);
}

QVector<double> LinearTicker::createTickVector(double tickStep, const QCPRange& range)
{
    if (m_kind == Kind::Whole)
        tickStep = std::max(1.0, std::round(tickStep));
    m_step = tickStep;
    QVector<double> ticks = QCPAxisTicker::createTickVector(tickStep, range);
    if (m_kind == Kind::Whole && (range.lower == 1.0 || range.lower == 0.5))
        for (double& tick : ticks)
            tick = tick == 0.0 ? 1.0 : tick;
    return ticks;
}

QString LinearTicker::getTickLabel(double tick,
                                   const QLocale& given,
                                   QChar /*formatChar*/,
                                   int /*precision*/)
{
    QLocale locale = given; // thousands apart, as everywhere in the window
    locale.setNumberOptions(given.numberOptions() & ~QLocale::OmitGroupSeparator);
    if (std::abs(tick) < m_step * 1e-6)
        tick = 0.0;
    if (std::abs(tick) >= 1e6 || (m_step < 1e-4 && tick != 0.0))
        return minusSigned(locale.toString(tick, 'g', 3));
    const int digits = std::max(0, static_cast<int>(std::ceil(-std::log10(m_step) - 1e-9)));
    const bool isFiner =
        std::abs(m_step * std::pow(10, digits) - std::round(m_step * std::pow(10, digits))) > 1e-6;
    return minusSigned(locale.toString(tick, 'f', digits + (isFiner ? 1 : 0)));
}

QVector<double> LogTicker::createTickVector(double /*tickStep*/, const QCPRange& range)
{
    static const QVector<double> kFine {1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0};
    static const QVector<double> kMedium {1.0, 2.0, 5.0};
    static const QVector<double> kCoarse {1.0};
    if (range.lower <= 0.0)
        return {};
    const double decades = std::log10(range.upper / range.lower);
    const QVector<double>& steps = decades < 1.2 ? kFine : decades < 3.0 ? kMedium : kCoarse;
    QVector<double> ticks;
    const int first = static_cast<int>(std::floor(std::log10(range.lower)));
    const int last = static_cast<int>(std::ceil(std::log10(range.upper)));
    const int stride = 1 + (last - first) / 8;
    for (int power = first; power <= last; power += stride)
        for (const double step : steps)
            ticks << step * std::pow(10.0, power);
    m_hasHalves = std::any_of(ticks.cbegin(), ticks.cend(), [&range](double tick) {
        return range.contains(tick) && std::abs(tick - std::round(tick)) > 1e-9;
    });
    return ticks;
}

QString
LogTicker::getTickLabel(double tick, const QLocale& locale, QChar /*formatChar*/, int /*precision*/)
{
    if (tick >= 1e5 || tick < 1e-3)
        return minusSigned(locale.toString(tick, 'e', 0));
    const int digits = std::max(0, static_cast<int>(std::ceil(-std::log10(tick) - 1e-9)));
    return locale.toString(tick, 'f', std::max(digits, m_hasHalves ? 1 : 0));
}

int LogTicker::getSubTickCount(double /*tickStep*/)
{
    return 0;
}

AxisTitles::AxisTitles(QCustomPlot& plot)
    : m_plot(plot)
    , m_left(new QCPItemText(&plot))
    , m_bottom(new QCPItemText(&plot))
{
    for (QCPItemText* text : {m_left, m_bottom}) {
        text->setClipToAxisRect(false);
        text->setSelectable(false);
        text->position->setType(QCPItemPosition::ptAbsolute);
        text->setPadding(QMargins());
    }
    m_left->setPositionAlignment(Qt::AlignLeft | Qt::AlignBottom);
    m_bottom->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);
}

void AxisTitles::setVisible(bool isVisible)
{
    m_left->setVisible(isVisible);
    m_bottom->setVisible(isVisible);
}

void AxisTitles::setTitles(const QString& bottom, const QString& left)
{
    m_bottom->setText(bottom);
    m_left->setText(left);
}

void AxisTitles::place()
{
    const QRect axes = m_plot.axisRect()->rect();
    const int height = QFontMetrics(m_left->font()).height();
    // The left title starts over the numbers, as far left as they reach, so that it needs no room
    // of its own.
    m_left->position->setPixelPosition(
        QPointF(std::max(0, axes.left() - height * 2), axes.top() - kGap));
    m_bottom->position->setPixelPosition(QPointF(axes.right() + 1, m_plot.viewport().bottom()));
}

void AxisTitles::style(const Theme& colors, const QFont& caption, double rightMargin)
{
    for (QCPItemText* text : {m_left, m_bottom}) {
        text->setFont(caption);
        text->setColor(colors.ink2);
    }
    const int height = QFontMetrics(caption).height();
    QCPAxisRect* axes = m_plot.axisRect();
    axes->setAutoMargins(QCP::msLeft);
    axes->setMinimumMargins(QMargins(height * 2, 0, 0, 0));
    const int below = kTick + kGap + height + (m_bottom->text().isEmpty() ? 0 : height + 2);
    axes->setMargins(
        QMargins(0, height + 2 * kGap, static_cast<int>(std::ceil(rightMargin)), below));
}

void styleAxes(QCustomPlot& plot, const Theme& colors, const QFont& caption)
{
    plot.setBackground(QBrush(colors.panel));
    for (QCPAxis* axis : {plot.xAxis, plot.yAxis}) {
        axis->setBasePen(QPen(colors.ink3, 1));
        axis->setTickPen(QPen(colors.ink3, 1));
        axis->setSubTicks(false);
        axis->setTickLengthIn(0);
        axis->setTickLengthOut(kTick);
        axis->setTickLabelFont(caption);
        axis->setTickLabelColor(colors.ink3);
        axis->setTickLabelPadding(kGap);
        axis->setPadding(0);
        axis->grid()->setPen(QPen(colors.grid, 1));
        axis->grid()->setZeroLinePen(QPen(colors.grid, 1));
        axis->grid()->setSubGridVisible(false);
        axis->grid()->setAntialiased(false);
    }
}

void setLogarithmic(QCPAxis& axis, bool isLogarithmic)
{
    axis.setScaleType(isLogarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (isLogarithmic)
        axis.setTicker(QSharedPointer<LogTicker>::create());
    else
        axis.setTicker(QSharedPointer<LinearTicker>::create(5, LinearTicker::Kind::Real));
    axis.setSubTicks(false);
}

void drawPlot(QCustomPlot& plot, QPainter& painter, const QRectF& rect)
{
    // QCustomPlot only draws with its own kind of painter; a picture carries the strokes over as
    // vectors.
    QPicture picture;
    QCPPainter recorder(&picture);
    recorder.setMode(QCPPainter::pmVectorized);
    recorder.setMode(QCPPainter::pmNoCaching);
    plot.toPainter(&recorder, static_cast<int>(rect.width()), static_cast<int>(rect.height()));
    recorder.end();
    painter.save();
    painter.translate(rect.topLeft());
    painter.drawPicture(0, 0, picture);
    painter.restore();
}

} // namespace tw
