// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

#include <map>

class QSortFilterProxyModel;

namespace tw {

/// A table in the window's look: whole rows are selected, heads sort, Ctrl+C copies the selection
/// as TSV.
class TableView final : public QTableView
{
    Q_OBJECT

public:
    explicit TableView(const QString& what, QWidget* parent = nullptr); ///< accessible name
    /// Shows source through a proxy that sorts (SortRole) and filters; returns the proxy.
    QSortFilterProxyModel* setSource(QAbstractItemModel* source);
    /// Row of the source that is current, -1: none.
    int currentSourceRow() const;
    void setCurrentSourceRow(int row);
    /// Fixes a column's width in pixels at 100 %, wider where its head needs it.
    void fixColumn(int column, int width);

Q_SIGNALS:
    void rowChosen(int sourceRow); ///< by click or by the arrow keys

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void widenFixed();

    std::map<int, int> m_fixed; ///< column to its least width, in pixels at 100 %
    QSortFilterProxyModel* m_proxy = nullptr;
};

/// The selected cells as lines of tab-separated texts, for the clipboard.
QString selectionAsText(const QAbstractItemView& view);

} // namespace tw
