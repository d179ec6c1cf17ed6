// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/look_style.h"

#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QAbstractItemView>
#include <QPainter>
#include <QStyleOption>

namespace tw {
namespace {

void drawCheckBox(const QStyleOption& option, QPainter& painter)
{
    const Theme& theme = Theme::current();
    const bool isOn = option.state & QStyle::State_On;
    const bool isEnabled = option.state & QStyle::State_Enabled;
    const QRectF box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor fill =
        isOn ? (isEnabled ? theme.accent : theme.ink3) : (isEnabled ? theme.panel : theme.raised);
    painter.setPen(QPen(isOn ? fill : theme.field, 1));
    painter.setBrush(fill);
    painter.drawRoundedRect(box, 3, 3);
    if (isOn) {
        painter.setPen(QPen(theme.onAccent, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        const auto at = [&](double x, double y) {
            return QPointF(box.left() + x * box.width(), box.top() + y * box.height());
        };
        painter.drawPolyline(QPolygonF({at(0.24, 0.52), at(0.43, 0.70), at(0.77, 0.32)}));
    } else if (option.state & QStyle::State_NoChange) {
        painter.setPen(QPen(theme.ink2, 1.6));
        painter.drawLine(box.center() - QPointF(3, 0), box.center() + QPointF(3, 0));
    }
    painter.restore();
}

void drawRadio(const QStyleOption& option, QPainter& painter)
{
    const Theme& theme = Theme::current();
    const bool isOn = option.state & QStyle::State_On;
    const QRectF box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(isOn ? theme.accent : theme.field, isOn ? 1.5 : 1));
    painter.setBrush(theme.panel);
    painter.drawEllipse(box);
    if (isOn) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.accent);
        painter.drawEllipse(box.center(), box.width() * 0.26, box.height() * 0.26);
    }
    painter.restore();
}

void drawArrow(const QStyleOption& option, QPainter& painter, const QString& name)
{
    const Theme& theme = Theme::current();
    const bool isEnabled = option.state & QStyle::State_Enabled;
    const int side = px(12);
    QRect square(0, 0, side, side);
    square.moveCenter(option.rect.center());
    const QPixmap pixmap = linePixmap(name, side, isEnabled ? theme.ink2 : theme.ink3,
                                      painter.device()->devicePixelRatio());
    painter.drawPixmap(square, pixmap);
}

/// Groove, its filled part and a round handle: "slider under its number".
void drawSlider(const QStyle& style,
                const QStyleOptionSlider& option,
                QPainter& painter,
                const QWidget* widget)
{
    const Theme& theme = Theme::current();
    const QRectF handle =
        style.subControlRect(QStyle::CC_Slider, &option, QStyle::SC_SliderHandle, widget);
    const QPointF center = handle.center();
    const double middle = QRectF(option.rect).center().y();
    const double radius = px(6);
    const bool isEnabled = option.state & QStyle::State_Enabled;
    const QColor full = isEnabled ? theme.accent : theme.ink3;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.quiet);
    const double thickness = px(4);
    QRectF groove(option.rect.left(), middle - thickness / 2, option.rect.width(), thickness);
    painter.drawRoundedRect(groove, thickness / 2, thickness / 2);
    groove.setRight(center.x());
    painter.setBrush(full);
    painter.drawRoundedRect(groove, thickness / 2, thickness / 2);
    if ((option.state & QStyle::State_HasFocus)
        && (option.state & QStyle::State_KeyboardFocusChange)) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme.accent, 2));
        painter.drawEllipse(QPointF(center.x(), middle), radius + 2, radius + 2);
    }
    painter.setBrush(theme.panel);
    painter.setPen(QPen(full, 2));
    painter.drawEllipse(QPointF(center.x(), middle), radius, radius);
    painter.restore();
}

} // namespace

LookStyle::LookStyle()
    : QProxyStyle(QStringLiteral("Fusion"))
{
}

void LookStyle::drawPrimitive(PrimitiveElement element,
                              const QStyleOption* option,
                              QPainter* painter,
                              const QWidget* widget) const
{
    switch (element) {
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
        return drawCheckBox(*option, *painter);
    case PE_IndicatorRadioButton:
        return drawRadio(*option, *painter);
    case PE_IndicatorArrowDown:
    case PE_IndicatorSpinDown:
        return drawArrow(*option, *painter, QStringLiteral("chevron-down"));
    case PE_IndicatorArrowUp:
    case PE_IndicatorSpinUp:
        return drawArrow(*option, *painter, QStringLiteral("chevron-up"));
    case PE_IndicatorArrowRight:
        return drawArrow(*option, *painter, QStringLiteral("chevron-right"));
    case PE_IndicatorBranch:
        if (option->state & State_Children)
            drawArrow(*option, *painter,
                      option->state & State_Open ? QStringLiteral("chevron-down")
                                                 : QStringLiteral("chevron-right"));
        return;
    case PE_FrameFocusRect:
        return; // rings and borders show the keyboard instead
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void LookStyle::drawComplexControl(ComplexControl control,
                                   const QStyleOptionComplex* option,
                                   QPainter* painter,
                                   const QWidget* widget) const
{
    if (control == CC_Slider) {
        if (const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option))
            if (slider->orientation == Qt::Horizontal)
                return drawSlider(*proxy(), *slider, *painter, widget);
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

void LookStyle::drawControl(ControlElement element,
                            const QStyleOption* option,
                            QPainter* painter,
                            const QWidget* widget) const
{
    if (element == CE_FocusFrame) {
        const Theme& theme = Theme::current();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(QPen(theme.accent, 2));
        painter->drawRoundedRect(QRectF(option->rect).adjusted(1, 1, -1, -1), px(8), px(8));
        painter->restore();
        return;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

int LookStyle::pixelMetric(PixelMetric metric,
                           const QStyleOption* option,
                           const QWidget* widget) const
{
    switch (metric) {
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight:
        return px(14);
    case PM_ButtonIconSize:
        return px(16);
    case PM_SmallIconSize:
        return px(16);
    case PM_SliderThickness:
    case PM_SliderLength:
        return px(16);
    case PM_FocusFrameHMargin:
    case PM_FocusFrameVMargin:
        return px(4);
    case PM_ScrollBarExtent:
        return px(10);
    case PM_TreeViewIndentation:
        return px(16);
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int LookStyle::styleHint(StyleHint hint,
                         const QStyleOption* option,
                         const QWidget* widget,
                         QStyleHintReturn* data) const
{
    switch (hint) {
    case SH_Slider_AbsoluteSetButtons:
        return Qt::LeftButton;
    case SH_EtchDisabledText:
        return 0;
    case SH_ItemView_ShowDecorationSelected:
        return 1;
    case SH_ComboBox_Popup:
        return 0;
    case SH_FocusFrame_Mask:
        return 0;
    case SH_ToolTip_WakeUpDelay:
        return 500;
    default:
        return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

} // namespace tw
