// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plot/chart.h"
#include "widgets/plot/curve.h"

#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tw {

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
    const std::vector<Curve>& curves() const { return m_curves.curves(); }
    /// Upright lines with a name at the top, such as where a stage begins.
    void setMarks(std::vector<std::pair<double, QString>> marks);
    void setLogarithmic(bool isLogarithmic);
    bool isLogarithmic() const { return m_isLogarithmic; }
    /// Where the bottom axis starts if all points lie above: 0 for training steps.
    void setBottomStart(double start);
    /// A small legend in the top right corner instead of labels at the ends.
    void setLegendVisible(bool isVisible);

    /// Puts the crosshair at the step nearest to x; nothing where there are no points.
    void moveCrosshair(double x);
    void hideCrosshair();
    std::optional<double> crosshair() const;
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
    CurveSet m_curves;
    std::vector<std::pair<double, QString>> m_marks;
    bool m_isLogarithmic = false;
    double m_bottomStart = std::numeric_limits<double>::infinity();
    bool m_hasLegend = false;
    bool m_isZoomed = false;
};

} // namespace tw
