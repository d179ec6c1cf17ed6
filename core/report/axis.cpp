// SPDX-License-Identifier: Apache-2.0
#include "core/report/axis.h"

#include "core/report/html.h"

#include <algorithm>
#include <cmath>

namespace tw {

Axis::Axis(double low, double high, double first, double last, bool isLogarithmic)
    : m_low(low)
    , m_high(high)
    , m_first(first)
    , m_last(last)
    , m_isLogarithmic(isLogarithmic && low > 0.0)
{
    if (!(m_high > m_low)) { // one value only: give it room on both sides
        const double room = m_low == 0.0 ? 1.0 : std::abs(m_low) * 0.1;
        m_low -= m_isLogarithmic ? 0.0 : room;
        m_high = m_low + 2 * room;
    }
    if (m_isLogarithmic)
        placeLogarithmicTicks();
    else
        placeLinearTicks();
}

double Axis::pixel(double value) const
{
    const auto place = [this](double v) {
        return m_isLogarithmic ? std::log(std::max(v, m_low)) : v;
    };
    const double share = (place(value) - place(m_low)) / (place(m_high) - place(m_low));
    return m_first + share * (m_last - m_first);
}

std::string Axis::label(double tick) const
{
    return m_isLogarithmic ? html::shortNumber(tick) : html::number(tick, m_decimals);
}

/// Four to six ticks at 1, 2 or 5 times a power of ten.
void Axis::placeLinearTicks()
{
    const double rough = (m_high - m_low) / 5.0;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    double step = 10.0 * power;
    for (const double factor : {1.0, 2.0, 5.0})
        if (step == 10.0 * power && factor * power >= rough * 0.99)
            step = factor * power;
    m_low = std::floor(m_low / step + 1e-9) * step;
    m_high = std::ceil(m_high / step - 1e-9) * step;
    const auto count = static_cast<int>(std::lround((m_high - m_low) / step));
    for (int i = 0; i <= count; ++i)
        m_ticks.push_back(m_low + i * step);
    m_decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 12);
}

void Axis::placeLogarithmicTicks()
{
    const double decades = std::log10(m_high / m_low);
    for (double power = std::pow(10.0, std::floor(std::log10(m_low))); power <= m_high;
         power *= 10.0)
        for (const double factor : {1.0, 2.0, 5.0})
            if ((factor == 1.0 || decades < 2.5) && factor * power >= m_low
                && factor * power <= m_high)
                m_ticks.push_back(factor * power);
    if (m_ticks.empty())
        m_ticks = {m_low, m_high};
}

} // namespace tw
