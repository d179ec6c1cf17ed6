// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/table_window.h"

#include "widgets/table/table_view.h"

#include <QApplication>
#include <QClipboard>
#include <QDialog>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLocale>
#include <QPushButton>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

namespace tw {

DataTableModel::DataTableModel(DataTable table, QObject* parent)
    : QAbstractTableModel(parent)
    , m_table(std::move(table))
{
}

int DataTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_table.rows.size());
}

int DataTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_table.columns.size());
}

QVariant DataTableModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const QString cell = m_table.rows[static_cast<std::size_t>(index.row())].value(index.column());
    bool isNumber = false;
    const double number = QLocale::c().toDouble(cell, &isNumber);
    if (role == Qt::DisplayRole)
        return cell;
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::UserRole) // what is sorted by
        return isNumber ? QVariant(number) : QVariant(cell);
    return {};
}

QVariant DataTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole)
        return {};
    return orientation == Qt::Horizontal ? QVariant(m_table.columns.value(section))
                                         : QVariant(section + 1);
}

void openTableWindow(const QString& title, const DataTable& table, QWidget* parent)
{
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);

    auto* view = new QTableView;
    auto* sorted = new QSortFilterProxyModel(dialog);
    sorted->setSourceModel(new DataTableModel(table, dialog));
    sorted->setSortRole(Qt::UserRole);
    view->setModel(sorted);
    view->setSortingEnabled(true);
    view->sortByColumn(-1, Qt::AscendingOrder);
    view->setAccessibleName(title);
    view->verticalHeader()->hide();
    view->resizeColumnsToContents();

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    auto* copyAll = buttons->addButton(QApplication::translate("tw::Chart", "Copy numbers as CSV"),
                                       QDialogButtonBox::ActionRole);
    QObject::connect(copyAll, &QPushButton::clicked, dialog,
                     [table] { QApplication::clipboard()->setText(toCsv(table)); });
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    auto* copyKey = new QShortcut(QKeySequence::Copy, view);
    QObject::connect(copyKey, &QShortcut::activated, view,
                     [view] { QApplication::clipboard()->setText(selectionAsText(*view)); });

    auto* column = new QVBoxLayout(dialog);
    column->addWidget(view);
    column->addWidget(buttons);
    dialog->resize(dialog->fontMetrics().averageCharWidth() * 90,
                   dialog->fontMetrics().height() * 28);
    dialog->show();
}

} // namespace tw
