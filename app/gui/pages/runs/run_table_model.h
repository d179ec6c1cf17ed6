// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <vector>

namespace tw {

/// All runs of the project, one a row, as plain values.
class RunTableModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Mark, ///< the box in the colour of the run's line
        State,
        Number,
        Name,
        Model,
        Method,
        Step,
        Loss,
        HeldOut,
        Forgetting,
        Time,
        When,
        ColumnCount
    };
    enum Role
    {
        SortRole = Qt::UserRole,
        RunRole, ///< qint64: the run's id
        StateRole, ///< int: RunState
        ShareRole, ///< double: part of the steps that is done, while it runs
        IsBestRole ///< bool: lowest held-out loss of all
    };

    explicit RunTableModel(QObject* parent = nullptr);
    /// Rows keep their place where the same runs are given again.
    void setRuns(std::vector<RunSummary> runs);
    const std::vector<RunSummary>& runs() const { return m_runs; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString display(const RunSummary& run, int column) const;
    QVariant sortKey(const RunSummary& run, int column) const;
    void findBest();

    std::vector<RunSummary> m_runs;
    std::int64_t m_best = 0;
};

/// Sorts by numbers, what was not measured last in both directions, and filters: words that stand
/// anywhere in the row, or "held-out < 2".
class RunFilter final : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit RunFilter(QObject* parent = nullptr);
    void setWish(const QString& wish);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    QString m_words;
    int m_column = -1; ///< of the comparison; -1: words
    QChar m_relation;
    double m_limit = 0.0;
};

} // namespace tw
