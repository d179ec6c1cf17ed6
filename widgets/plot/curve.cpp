// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/curve.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace tw {
namespace {

/// Gaps are alike, though a NaN does not equal itself.
bool isSame(const std::vector<double>& a, const std::vector<double>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double one, double other) {
        return one == other || (std::isnan(one) && std::isnan(other));
    });
}

bool isSame(const Curve& a, const Curve& b)
{
    return a.name == b.name && a.quantity == b.quantity && a.line == b.line && a.style == b.style
        && a.hasEndLabel == b.hasEndLabel && isSame(a.x, b.x) && isSame(a.y, b.y);
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

bool CurveSet::set(std::vector<Curve> curves)
{
    if (std::equal(curves.begin(), curves.end(), m_curves.begin(), m_curves.end(),
                   [](const Curve& a, const Curve& b) { return isSame(a, b); }))
        return false;
    m_curves = std::move(curves);
    m_smoothed.clear();
    m_steps.clear();
    for (const Curve& curve : m_curves) {
        m_smoothed.push_back(curve.style == Curve::Style::Noisy ? smoothed(curve.y)
                                                                : std::vector<double>());
        std::vector<double> merged; // both ascend
        merged.reserve(m_steps.size() + curve.x.size());
        std::set_union(m_steps.begin(), m_steps.end(), curve.x.begin(), curve.x.end(),
                       std::back_inserter(merged));
        m_steps = std::move(merged);
    }
    return true;
}

const std::vector<double>& CurveSet::shown(std::size_t curve) const
{
    return m_curves[curve].style == Curve::Style::Noisy ? m_smoothed[curve] : m_curves[curve].y;
}

std::optional<double> CurveSet::shownAt(std::size_t curve, double step) const
{
    const std::vector<double>& x = m_curves[curve].x;
    const auto at = std::lower_bound(x.begin(), x.end(), step);
    if (at == x.end() || *at != step)
        return {};
    return shown(curve)[static_cast<std::size_t>(at - x.begin())];
}

std::optional<std::size_t> CurveSet::lastPoint(std::size_t curve) const
{
    const std::vector<double>& values = shown(curve);
    const auto last = std::find_if(values.rbegin(), values.rend(),
                                   [](double value) { return std::isfinite(value); });
    if (last == values.rend())
        return {};
    return static_cast<std::size_t>(values.rend() - last) - 1;
}

std::optional<double> CurveSet::nearestStep(double x) const
{
    if (m_steps.empty())
        return {};
    auto after = std::lower_bound(m_steps.begin(), m_steps.end(), x);
    if (after == m_steps.end() || (after != m_steps.begin() && x - *(after - 1) < *after - x))
        --after;
    return *after;
}

} // namespace tw
