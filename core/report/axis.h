// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tw {

/// One axis of a drawing: data from low to high, mapped to pixels from `first` to `last`.
class Axis
{
public:
    /// Widens [low, high] to round ticks. A logarithmic axis needs low > 0.
    Axis(double low, double high, double first, double last, bool isLogarithmic);

    double pixel(double value) const;
    const std::vector<double>& ticks() const { return m_ticks; }
    std::string label(double tick) const; ///< all labels of an axis have equal decimals

private:
    void placeLinearTicks();
    void placeLogarithmicTicks();

    double m_low;
    double m_high;
    double m_first;
    double m_last;
    bool m_isLogarithmic;
    int m_decimals = 0;
    std::vector<double> m_ticks;
};

} // namespace tw
