// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/list_rows.h"

#include "app/gui/pages/list_delegate.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"

#include <QListView>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

void show(QStandardItem& item, const ListRow& row)
{
    item.setText(row.title);
    item.setToolTip(row.path);
    item.setData(row.path, PathRole);
    item.setData(row.second, SecondLineRole);
    item.setData(row.secondRight, SecondLineRightRole);
    if (row.third || item.data(ThirdLineRole).isValid())
        item.setData(row.third ? QVariant(*row.third) : QVariant(), ThirdLineRole);
    item.setData(row.mark, MarkIconRole);
}

/// The rows that are shown are the first of the given ones.
bool startsAsShown(const QStandardItemModel& model, const std::vector<ListRow>& rows)
{
    if (model.rowCount() > static_cast<int>(rows.size()))
        return false;
    for (int i = 0; i < model.rowCount(); ++i) {
        if (model.item(i)->data(PathRole).toString() != rows[static_cast<std::size_t>(i)].path)
            return false;
    }
    return true;
}

} // namespace

void fillRows(QStandardItemModel& model, const std::vector<ListRow>& rows)
{
    if (!startsAsShown(model, rows))
        model.removeRows(0, model.rowCount());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (static_cast<int>(i) < model.rowCount()) {
            show(*model.item(static_cast<int>(i)), rows[i]);
            continue;
        }
        auto* item = new QStandardItem;
        item->setEditable(false);
        show(*item, rows[i]);
        model.appendRow(item);
    }
}

void chooseRow(QListView& list, const QString& path)
{
    if (list.currentIndex().data(PathRole).toString() == path)
        return;
    const QSignalBlocker quiet(list.selectionModel());
    for (int row = 0; row < list.model()->rowCount(); ++row) {
        const QModelIndex index = list.model()->index(row, 0);
        if (index.data(PathRole).toString() == path)
            list.setCurrentIndex(index);
    }
    list.viewport()->update(); // the blocked signal would have told it
}

QListView* addPathList(Panel& panel,
                       QAbstractItemModel& rows,
                       const PathList& list,
                       const std::function<void(const QString& path)>& chosen)
{
    auto* view = new QListView;
    view->setAccessibleName(list.name);
    view->setModel(&rows);
    view->setItemDelegate(new ListDelegate(list.rowHeight, view));
    view->setMouseTracking(true);
    QObject::connect(view->selectionModel(), &QItemSelectionModel::currentChanged, view,
                     [chosen](const QModelIndex& now) {
                         const QString path = now.data(PathRole).toString();
                         if (!path.isEmpty())
                             chosen(path);
                     });
    panel.body()->addWidget(view, 1);
    auto* under = (new TextLabel(list.hint, TextType::Caption, TextInk::Ink3))->wrapped();
    under->setContentsMargins(px(16), 0, px(16), px(12));
    panel.body()->addWidget(under);
    return view;
}

} // namespace tw
