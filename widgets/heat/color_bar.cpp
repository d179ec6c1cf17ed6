// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/heat/color_bar.h"

#include "widgets/theme/type.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tw {

double colorShare(double value, double maximum)
{
    if (!(maximum > 0.0) || !std::isfinite(value))
        return 0.0;
    return std::pow(std::clamp(value / maximum, 0.0, 1.0), kColorPower);
}

double roundedUp(double value)
{
    if (!(value > 0.0) || !std::isfinite(value))
        return 0.0;
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double step : {1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0})
        if (value <= step * power * (1.0 + 1e-9))
            return step * power;
    return 10.0 * power;
}

std::vector<double> roundTicks(double maximum, double spacing)
{
    if (!(maximum > 0.0))
        return {0.0};
    const double rough = maximum / 4.0;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    const double step = (rough / power < 1.5 ? 1.0 : rough / power < 3.5 ? 2.0 : 5.0) * power;
    std::vector<double> ticks {0.0};
    for (int i = 1; i * step < maximum; ++i) {
        const double share = colorShare(i * step, maximum);
        if (share - colorShare(ticks.back(), maximum) >= spacing && 1.0 - share >= spacing)
            ticks.push_back(i * step);
    }
    ticks.push_back(maximum);
    return ticks;
}

void drawColorBar(QPainter& painter,
                  const QRectF& bar,
                  const std::vector<BarTick>& ticks,
                  const Theme& theme)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, false);
    QLinearGradient ramp(bar.bottomLeft(), bar.topLeft());
    for (std::size_t i = 0; i < theme.magnitudeStops.size(); ++i)
        ramp.setColorAt(static_cast<double>(i) / 6.0, theme.magnitudeStops[i]);
    painter.fillRect(bar, ramp);
    painter.setFont(textFont(TextType::Caption));
    const double line = QFontMetricsF(painter.font()).height();
    for (const BarTick& tick : ticks) {
        const double y = bar.bottom() - tick.share * bar.height();
        painter.setPen(QPen(theme.ink3, 1));
        painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + 4, y));
        drawTabular(painter, QRectF(bar.right() + 8, y - line / 2, px(64), line),
                    Qt::AlignLeft | Qt::AlignVCenter, tick.text);
    }
    painter.restore();
}

} // namespace tw
