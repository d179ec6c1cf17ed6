// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/table/table_view.h"

#include "widgets/table/column_table.h"
#include "widgets/table/table_delegate.h"
#include "widgets/theme/type.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QSortFilterProxyModel>

#include <algorithm>

namespace tw {

TableView::TableView(const QString& what, QWidget* parent)
    : QTableView(parent)
    , m_proxy(new QSortFilterProxyModel(this))
{
    setAccessibleName(what);
    setItemDelegate(new TableDelegate(28, this));
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setShowGrid(false);
    setWordWrap(false);
    setMouseTracking(true);
    setTabKeyNavigation(false);
    setSortingEnabled(true);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(px(28));
    verticalHeader()->setMinimumSectionSize(px(20));
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_proxy->setSortRole(SortRole);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_proxy->setFilterKeyColumn(-1);
}

QSortFilterProxyModel* TableView::setSource(QAbstractItemModel* source)
{
    m_proxy->setSourceModel(source);
    setModel(m_proxy);
    sortByColumn(-1, Qt::AscendingOrder); // the order of the source until somebody sorts
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& now) {
                if (now.isValid())
                    Q_EMIT rowChosen(m_proxy->mapToSource(now).row());
            });
    return m_proxy;
}

int TableView::currentSourceRow() const
{
    return m_proxy->mapToSource(currentIndex()).row();
}

void TableView::setCurrentSourceRow(int row)
{
    if (m_proxy->sourceModel() == nullptr)
        return;
    const QModelIndex index = m_proxy->mapFromSource(m_proxy->sourceModel()->index(row, 0));
    if (index.isValid())
        setCurrentIndex(index);
}

void TableView::fixColumn(int column, int width)
{
    horizontalHeader()->setSectionResizeMode(column, QHeaderView::Fixed);
    m_fixed[column] = width;
    widenFixed();
}

/// A head knows its font and padding only once it is about to be shown.
void TableView::widenFixed()
{
    for (const auto& [column, width] : m_fixed)
        setColumnWidth(column, std::max(px(width), horizontalHeader()->sectionSizeHint(column)));
}

void TableView::showEvent(QShowEvent* event)
{
    QTableView::showEvent(event);
    horizontalHeader()->ensurePolished();
    widenFixed();
}

void TableView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy)) {
        QGuiApplication::clipboard()->setText(selectionAsText(*this));
        return;
    }
    QTableView::keyPressEvent(event);
}

QString selectionAsText(const QAbstractItemView& view)
{
    QModelIndexList indexes = view.selectionModel()->selectedIndexes();
    std::sort(indexes.begin(), indexes.end());
    QString out;
    for (int i = 0; i < indexes.size(); ++i) {
        if (i > 0)
            out += indexes[i].row() == indexes[i - 1].row() ? QLatin1Char('\t') : QLatin1Char('\n');
        out += indexes[i].data().toString().simplified();
    }
    return out;
}

} // namespace tw
