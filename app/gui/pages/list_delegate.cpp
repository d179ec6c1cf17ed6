// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/list_delegate.h"

#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QPainter>

namespace tw {
namespace {

QColor markColor(const QString& icon)
{
    const Theme& theme = Theme::current();
    return icon == QStringLiteral("warn") ? theme.warn
        : icon == QStringLiteral("error") ? theme.error
                                          : theme.ink2;
}

} // namespace

ListDelegate::ListDelegate(int height, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_height(height)
{
}

QSize ListDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return {px(120), px(m_height)};
}

void ListDelegate::paint(QPainter* painter,
                         const QStyleOptionViewItem& option,
                         const QModelIndex& index) const
{
    const Theme& theme = Theme::current();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool isSelected = option.state & QStyle::State_Selected;
    if (isSelected || (option.state & QStyle::State_MouseOver))
        painter->fillRect(option.rect, isSelected ? theme.soft : theme.hover);
    if (isSelected)
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()),
                          theme.accent);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
                      theme.line);
    QRect room = option.rect.adjusted(px(16), px(5), -px(12), -px(4));
    const QString mark = index.data(MarkIconRole).toString();
    const bool hasThird = index.data(ThirdLineRole).isValid();
    if (!mark.isEmpty() && !hasThird) {
        const int side = px(14);
        const int x = room.right() - side;
        painter->drawPixmap(
            x, option.rect.center().y() - side / 2,
            linePixmap(mark, side, markColor(mark), painter->device()->devicePixelRatioF()));
        room.setRight(x - px(8));
    }
    const auto line = [&](int top, TextType type, const QColor& ink, const QString& words, int left,
                          int right) {
        painter->setFont(textFont(type));
        painter->setPen(ink);
        const QRect at(room.left() + left, room.top() + top, room.width() - left - right,
                       lineHeight(type));
        painter->drawText(at, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(words, Qt::ElideRight, at.width()));
    };
    line(0, TextType::Body, theme.ink, index.data(Qt::DisplayRole).toString(), 0, 0);
    const QString right = index.data(SecondLineRightRole).toString();
    painter->setFont(textFont(TextType::Caption));
    const int rightWidth =
        right.isEmpty() ? 0 : painter->fontMetrics().horizontalAdvance(right) + px(10);
    line(px(19), TextType::Caption, theme.ink3, index.data(SecondLineRole).toString(), 0,
         rightWidth);
    if (rightWidth > 0)
        line(px(19), TextType::Caption, theme.ink3, right, room.width() - rightWidth + px(6), 0);
    if (hasThird) {
        const int side = px(12);
        painter->drawPixmap(
            room.left(), room.top() + px(38),
            linePixmap(mark, side, mark == QStringLiteral("check") ? theme.accent : markColor(mark),
                       painter->device()->devicePixelRatioF()));
        line(px(36), TextType::Caption,
             mark == QStringLiteral("check") ? theme.accent : markColor(mark),
             index.data(ThirdLineRole).toString(), side + px(4), 0);
    }
    if ((option.state & QStyle::State_HasFocus)
        && (option.state & QStyle::State_KeyboardFocusChange)) {
        painter->setPen(QPen(theme.accent, 2));
        painter->drawRect(option.rect.adjusted(1, 1, -1, -1));
    }
    painter->restore();
}

} // namespace tw
