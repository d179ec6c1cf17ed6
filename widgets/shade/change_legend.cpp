// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shade/change_legend.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QPainter>

namespace tw {
namespace {

constexpr int kBar = 96; // px at 100 %
constexpr int kGap = 6;

} // namespace

ChangeLegend::ChangeLegend(const QString& less, const QString& more, QWidget* parent)
    : QWidget(parent)
{
    setWords(less, more);
}

void ChangeLegend::setWords(const QString& less, const QString& more)
{
    m_less = less;
    m_more = more;
    setAccessibleName(tr("Shades from %1 to %2").arg(less, more));
    updateGeometry();
    update();
}

QSize ChangeLegend::sizeHint() const
{
    const QFontMetrics metrics(textFont(TextType::Caption));
    return {metrics.horizontalAdvance(m_less) + metrics.horizontalAdvance(m_more) + px(kBar)
                + 2 * px(kGap) + 2,
            px(20)};
}

void ChangeLegend::paintEvent(QPaintEvent* /*event*/)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setFont(textFont(TextType::Caption));
    painter.setPen(theme.ink2);
    const int left = painter.fontMetrics().horizontalAdvance(m_less) + px(kGap);
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, m_less);
    painter.drawText(rect(), Qt::AlignRight | Qt::AlignVCenter, m_more);
    const QRectF bar(left, (height() - px(10)) / 2, px(kBar), px(10));
    QLinearGradient ramp(bar.topLeft(), bar.topRight());
    for (std::size_t i = 0; i < theme.changeStops.size(); ++i)
        ramp.setColorAt(static_cast<double>(i) / 6.0, theme.changeStops[i]);
    painter.fillRect(bar, ramp);
}

} // namespace tw
