// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to widgets/plot: how every QCustomPlot of ours has its axes. Only for .cpp files
// (QCustomPlot's header).
#include "widgets/plot/qcp.h"
#include "widgets/theme/theme.h"

#include <QFont>

namespace tw {

/// Few round values, in the locale's digits.
class LinearTicker final : public QCPAxisTicker
{
public:
    enum class Kind
    {
        Real,
        Whole
    }; ///< Whole: steps, indices; an axis that starts at 1 has a tick there
    LinearTicker(int count, Kind kind);

protected:
    QString
    getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision) override;
    QVector<double> createTickVector(double tickStep, const QCPRange& range) override;

private:
    Kind m_kind;
    double m_step = 1.0;
};

/// Round values of a logarithmic axis: 1, 1.5, 2, 3 ... where there is room, else 1, 2, 5, else
/// powers of ten.
class LogTicker final : public QCPAxisTicker
{
protected:
    QString
    getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision) override;
    QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
    int getSubTickCount(double tickStep) override;

private:
    bool m_hasHalves = false; ///< then all numbers from 1 on get one decimal
};

/// Quantity and unit over the left axis, the other at the right end of the bottom axis; margins
/// leave room for both.
class AxisTitles
{
public:
    explicit AxisTitles(QCustomPlot& plot);
    void setVisible(bool isVisible);
    void setTitles(const QString& bottom, const QString& left);
    QString leftText() const { return m_left->text(); }
    QString bottomText() const { return m_bottom->text(); }
    /// Moves the texts to their corners: after each layout.
    void place();
    void style(const Theme& colors, const QFont& caption, double rightMargin);

private:
    QCustomPlot& m_plot;
    QCPItemText* m_left;
    QCPItemText* m_bottom;
};

/// Left and bottom axis, 1-px grid, ticks outside, caption numbers.
void styleAxes(QCustomPlot& plot, const Theme& colors, const QFont& caption);
void setLogarithmic(QCPAxis& axis, bool isLogarithmic);
/// Draws the plot as vectors into any painter.
void drawPlot(QCustomPlot& plot, QPainter& painter, const QRectF& rect);

} // namespace tw
