// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace tw {

/// Roles of the two-line lists at the left of Data and Models.
enum ListRole
{
    SecondLineRole = Qt::UserRole + 50,
    SecondLineRightRole, ///< at the right end of the second line
    ThirdLineRole,
    MarkIconRole, ///< "check", "warn", "error"
    PathRole
};

/// Rows of two or three lines with a mark at the right: name over facts.
class ListDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    explicit ListDelegate(int height, QObject* parent = nullptr); ///< pixels at 100 %
    void paint(QPainter* painter,
               const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    int m_height;
};

} // namespace tw
