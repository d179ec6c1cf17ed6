// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/table/table_delegate.h"

#include "widgets/table/column_table.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QAbstractItemView>
#include <QPainter>

#include <algorithm>

namespace tw {
namespace {

QColor inkOf(const QModelIndex& index)
{
    const Theme& theme = Theme::current();
    const QString name = index.data(InkRole).toString();
    if (!name.isEmpty()) {
        for (const auto& [token, color] : theme.tokens()) {
            if (token == name)
                return color;
        }
    }
    return index.flags() & Qt::ItemIsEnabled ? theme.ink : theme.ink3;
}

void paintBackground(QPainter& painter, const QStyleOptionViewItem& option)
{
    const Theme& theme = Theme::current();
    if (option.state & QStyle::State_Selected)
        painter.fillRect(option.rect, theme.soft);
    else if (option.state & QStyle::State_MouseOver)
        painter.fillRect(option.rect, theme.hover);
    painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
                     theme.grid);
    if ((option.state & QStyle::State_HasFocus)
        && (option.state & QStyle::State_KeyboardFocusChange)) {
        painter.setPen(QPen(theme.accent, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(option.rect.adjusted(1, 1, -1, -1));
    }
}

/// Bar in front of a number; returns the room that is left.
QRect paintMeter(QPainter& painter, QRect room, double share)
{
    const Theme& theme = Theme::current();
    const int width = px(48);
    const QRectF bar(room.left(), room.center().y() - 1.5, width, px(4));
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.quiet);
    painter.drawRoundedRect(bar, 2, 2);
    painter.setBrush(theme.ink3);
    painter.drawRoundedRect(
        QRectF(bar.left(), bar.top(), bar.width() * std::clamp(share, 0.0, 1.0), bar.height()), 2,
        2);
    return room.adjusted(width + px(8), 0, 0, 0);
}

} // namespace

TableDelegate::TableDelegate(int rowHeight, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_rowHeight(rowHeight)
{
}

void TableDelegate::paint(QPainter* painter,
                          const QStyleOptionViewItem& given,
                          const QModelIndex& index) const
{
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    paintBackground(*painter, option);
    QRect room = option.rect.adjusted(px(8), 0, -px(8), 0);
    if (option.features & QStyleOptionViewItem::HasCheckIndicator) {
        QStyleOptionViewItem box = option;
        const int side = px(14);
        box.rect = QRect(room.left(), room.center().y() - side / 2, side, side);
        box.state |= option.checkState == Qt::Checked ? QStyle::State_On : QStyle::State_Off;
        const QWidget* view = option.widget;
        view->style()->drawPrimitive(QStyle::PE_IndicatorItemViewItemCheck, &box, painter, view);
        room.setLeft(room.left() + side + px(8));
    }
    const QString icon = index.data(IconRole).toString();
    const QColor ink = inkOf(index);
    if (!icon.isEmpty()) {
        const int side = px(14);
        painter->drawPixmap(room.left(), room.center().y() - side / 2 + 1,
                            linePixmap(icon, side, ink, painter->device()->devicePixelRatioF()));
        room.setLeft(room.left() + side + px(6));
    }
    const QVariant share = index.data(ShareRole);
    if (share.isValid())
        room = paintMeter(*painter, room, share.toDouble());
    painter->setFont(
        textFont(index.data(StrongRole).toBool() ? TextType::TableStrong : TextType::Table));
    painter->setPen(ink);
    if (index.data(NumberRole).toBool()) {
        drawTabular(*painter, room, Qt::AlignRight, option.text);
    } else {
        const QString line = option.text.simplified();
        painter->drawText(room, static_cast<int>(option.displayAlignment) | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(line, Qt::ElideRight, room.width()));
    }
    painter->restore();
}

QSize TableDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    const QFont font =
        textFont(index.data(StrongRole).toBool() ? TextType::TableStrong : TextType::Table);
    int width = static_cast<int>(tabularWidth(
                    font, index.data(Qt::DisplayRole).toString().left(200).simplified()))
        + px(18);
    if (index.data(ShareRole).isValid())
        width += px(56);
    if (!index.data(IconRole).toString().isEmpty())
        width += px(20);
    if (index.data(Qt::CheckStateRole).isValid())
        width += px(22);
    size.setWidth(width);
    size.setHeight(px(m_rowHeight));
    return size;
}

} // namespace tw
