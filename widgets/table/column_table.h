// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QVariant>

#include <functional>
#include <utility>
#include <vector>

namespace tw {

/// Roles beyond Qt's that TableDelegate draws.
enum TableRole
{
    SortRole = Qt::UserRole, ///< what is compared; where there is none, the shown text
    ShareRole, ///< 0 to 1: a meter before the text
    InkRole, ///< name of a theme colour for the text: "error"
    IconRole, ///< name of a line drawing before the text
    NumberRole, ///< true: tabular digits, at the right
    StrongRole ///< true: semibold
};

/// One column of a ColumnTable: its title and what it says about a row, role by role.
template <typename Row>
struct TableColumn
{
    QString title;
    std::function<QVariant(const Row&, int role)> cell;
    bool isNumber = false;
};

/// Rows and columns done once: a table is a list of values and of columns.
template <typename Row>
class ColumnTable final : public QAbstractTableModel
{
public:
    explicit ColumnTable(std::vector<TableColumn<Row>> columns, QObject* parent = nullptr)
        : QAbstractTableModel(parent)
        , m_columns(std::move(columns))
    {
    }

    void setRows(std::vector<Row> rows)
    {
        if (rows.size() == m_rows.size()) { // keeps selection and scroll position
            m_rows = std::move(rows);
            if (!m_rows.empty())
                Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
            return;
        }
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
    }
    const std::vector<Row>& rows() const { return m_rows; }
    const Row& row(int index) const { return m_rows.at(static_cast<std::size_t>(index)); }

    int rowCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    int columnCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
    }
    QVariant data(const QModelIndex& index, int role) const override
    {
        if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
            return {};
        const TableColumn<Row>& column = m_columns[static_cast<std::size_t>(index.column())];
        const Row& value = row(index.row());
        if (role == NumberRole)
            return column.isNumber;
        if (role == Qt::TextAlignmentRole)
            return QVariant::fromValue(Qt::Alignment(
                (column.isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
        if (role == SortRole) {
            const QVariant own = column.cell(value, SortRole);
            return own.isValid() ? own : column.cell(value, Qt::DisplayRole);
        }
        return column.cell(value, role);
    }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
            return {};
        const TableColumn<Row>& column = m_columns[static_cast<std::size_t>(section)];
        if (role == Qt::DisplayRole)
            return column.title;
        if (role == Qt::TextAlignmentRole)
            return QVariant::fromValue(Qt::Alignment(
                (column.isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
        return {};
    }

private:
    std::vector<TableColumn<Row>> m_columns;
    std::vector<Row> m_rows;
};

} // namespace tw
