// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plot/data_table.h"

#include <QAbstractTableModel>

class QWidget;

namespace tw {

/// The rows of a DataTable; numbers are right-aligned and sort as numbers.
class DataTableModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    explicit DataTableModel(DataTable table, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    DataTable m_table;
};

/// Opens a small window with the table: sortable, copied with the copy key. It deletes itself when
/// closed.
void openTableWindow(const QString& title, const DataTable& table, QWidget* parent);

} // namespace tw
