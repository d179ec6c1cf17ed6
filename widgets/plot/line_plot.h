// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plot/chart.h"

#include <limits>
#include <memory>
#include <optional>
#include <vector>

namespace tw {

/// One line of a LinePlot. x ascends; points with a NaN are gaps.
struct Curve
{
    enum class Style
    {
        Line, ///< 2 px
        Noisy, ///< raw at 22 %, smoothed over it: losses of single batches
        Points, ///< open circles joined by a dotted line: evaluations
        Marks ///< open circles alone: intruders
    };

    QString name; ///< "run 12"; rows of the crosshair's table
    QString quantity; ///< "loss"; its columns
    std::vector<double> x;
    std::vector<double> y;
    int line = 1; ///< colour 1 to 6: 5 is the base, intruders are 2
    Style style = Style::Line;
    bool hasEndLabel = false; ///< name and last value at its end

    bool operator==(const Curve&) const = default;
};

/// Exponential mean over about `span` points, without the pull towards the first value
/// (weights are normalised as in Adam's bias correction). NaNs stay NaN and count for nothing.
std::vector<double> smoothed(const std::vector<double>& values, double span = 10.0);

/// Curves over one axis: zoom with the wheel, pan by dragging, double-click resets, a crosshair
/// snaps to the nearest step (arrow keys move it, Escape hides it).
class LinePlot final : public Chart
{
    Q_OBJECT

public:
    explicit LinePlot(QWidget* parent = nullptr);
    ~LinePlot() override;

    /// bottom: "step"; left: "loss, nats a token".
    void setAxisTitles(const QString& bottom, const QString& left);
    /// Replaces all curves; a zoom that the person chose stays.
    void setCurves(std::vector<Curve> curves);
    const std::vector<Curve>& curves() const { return m_curves; }
    void setLogarithmic(bool isLogarithmic);
    bool isLogarithmic() const { return m_isLogarithmic; }
    /// The left axis starts at 0 (linear only).
    void setFromZero(bool fromZero);
    /// Where the bottom axis starts if all points lie above: 0 for training steps.
    void setBottomStart(double start);
    /// A small legend in the top right corner instead of labels at the ends.
    void setLegendVisible(bool isVisible);

    /// Puts the crosshair at the step nearest to x; nothing where there are no points.
    void moveCrosshair(double x);
    void hideCrosshair();
    std::optional<double> crosshair() const { return m_crosshair; }
    /// What stands beside the crosshair, as a sentence.
    QString crosshairText() const;
    void resetZoom();

    DataTable table() const override;
    void draw(QPainter& painter, const QRectF& rect) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void recolor() override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Parts;
    void rebuild();
    void describe();
    void stepCrosshair(int steps);

    std::unique_ptr<Parts> m_parts;
    std::vector<Curve> m_curves;
    std::vector<double> m_steps; ///< all x of all curves, ascending, each once
    bool m_isLogarithmic = false;
    bool m_fromZero = false;
    double m_bottomStart = std::numeric_limits<double>::infinity();
    bool m_hasLegend = false;
    bool m_isZoomed = false;
    std::optional<double> m_crosshair;
};

} // namespace tw
