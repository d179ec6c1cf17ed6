// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstddef>
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

/// Curves of one plot with what is drawn of them. A run has a hundred thousand steps and the mouse
/// moves often: all is computed once, when the curves come.
class CurveSet final
{
public:
    /// False where they are what is shown already.
    bool set(std::vector<Curve> curves);
    bool isEmpty() const { return m_curves.empty(); }
    const std::vector<Curve>& curves() const { return m_curves; }
    /// y of a curve as it is drawn: smoothed where it is noisy.
    const std::vector<double>& shown(std::size_t curve) const;
    /// The drawn value at a step; nothing where the curve has no point there.
    std::optional<double> shownAt(std::size_t curve, double step) const;
    /// Index of the last drawn point that is a number.
    std::optional<std::size_t> lastPoint(std::size_t curve) const;
    /// x of all curves, ascending, each once.
    const std::vector<double>& steps() const { return m_steps; }
    /// The one of steps() that is nearest to x.
    std::optional<double> nearestStep(double x) const;

private:
    std::vector<Curve> m_curves;
    std::vector<std::vector<double>> m_smoothed; ///< empty where y is drawn as it is
    std::vector<double> m_steps;
};

} // namespace tw
