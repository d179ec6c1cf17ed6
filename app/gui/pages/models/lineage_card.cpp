// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/models/lineage_card.h"

#include "app/gui/session.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QPainter>

namespace tw {
namespace {

QString iconOf(LineageNode::Kind kind)
{
    switch (kind) {
    case LineageNode::Kind::Model:
        return QStringLiteral("models");
    case LineageNode::Kind::Run:
        return QStringLiteral("runs");
    case LineageNode::Kind::Adapter:
        return QStringLiteral("tune");
    case LineageNode::Kind::Merged:
        return QStringLiteral("export");
    }
    return {};
}

QString wordsOf(const LineageNode& node)
{
    switch (node.kind) {
    case LineageNode::Kind::Model:
        return LineageCard::tr("Model");
    case LineageNode::Kind::Run:
        return LineageCard::tr("Run %1").arg(node.run);
    case LineageNode::Kind::Adapter:
        return LineageCard::tr("Adapter");
    case LineageNode::Kind::Merged:
        return LineageCard::tr("Merged model");
    }
    return {};
}

} // namespace

LineageCard::LineageCard(const LineageNode& node, QWidget* parent)
    : QAbstractButton(parent)
    , m_icon(iconOf(node.kind))
    , m_kind(wordsOf(node))
    , m_detail(tw::text(node.detail))
    , m_path(tw::text(node.path))
    , m_isThere(node.isThere)
{
    if (!m_isThere)
        m_detail = tr("not found");
    setText(tw::text(node.title));
    setEnabled(m_isThere);
    setAccessibleName(tr("%1: %2").arg(m_kind, text()));
    setAccessibleDescription(m_detail);
    setToolTip(m_isThere ? m_path : tr("%1 is not there any more, or lies elsewhere.").arg(m_path));
    setAttribute(Qt::WA_Hover);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void LineageCard::setChosen(bool isChosen)
{
    m_isChosen = isChosen;
    update();
}

QSize LineageCard::sizeHint() const
{
    return {px(184), px(56)};
}

void LineageCard::paintFrame(QPainter& painter) const
{
    const Theme& theme = Theme::current();
    QPen pen(m_isChosen ? theme.accent : theme.edge, m_isChosen ? 1.5 : 1);
    if (!m_isThere)
        pen.setStyle(Qt::DashLine);
    painter.setPen(pen);
    const QColor rest = m_isChosen ? theme.soft : theme.panel;
    painter.setBrush(isDown() ? theme.quiet : underMouse() && isEnabled() ? theme.hover : rest);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), px(6), px(6));
}

void LineageCard::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintFrame(painter);
    const int side = px(16);
    painter.drawPixmap(
        px(12), (height() - side) / 2,
        linePixmap(m_icon, side, m_isThere ? theme.accent : theme.ink3, devicePixelRatioF()));
    const QRect room = rect().adjusted(px(38), px(9), -px(12), -px(9));
    const auto write = [&](TextType type, const QColor& ink, Qt::Alignment where,
                           const QString& words) {
        painter.setFont(textFont(type));
        painter.setPen(ink);
        painter.drawText(room, int(where) | Qt::TextSingleLine,
                         painter.fontMetrics().elidedText(words, Qt::ElideRight, room.width()));
    };
    write(TextType::BodyStrong, m_isThere ? theme.ink : theme.ink2, Qt::AlignLeft | Qt::AlignTop,
          text());
    const QString second = m_detail.isEmpty() ? m_kind : tr("%1, %2").arg(m_kind, m_detail);
    write(TextType::Caption, theme.ink3, Qt::AlignLeft | Qt::AlignBottom, second);
}

} // namespace tw
