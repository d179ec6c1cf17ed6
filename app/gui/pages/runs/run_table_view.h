// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>
#include <QTableView>

#include <map>

namespace tw {

/// Draws a run's row: box in its line's colour, state with its icon, progress while it runs, the
/// best value bold.
class RunDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    explicit RunDelegate(QObject* parent = nullptr);
    void setLines(const std::map<std::int64_t, int>& lineOfRun) { m_lineOfRun = lineOfRun; }
    void paint(QPainter* painter,
               const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    void paintMark(QPainter& painter, const QRect& cell, const QModelIndex& index) const;
    void paintState(QPainter& painter, const QRect& cell, const QModelIndex& index) const;
    void paintText(QPainter& painter, const QRect& cell, const QModelIndex& index) const;

    std::map<std::int64_t, int> m_lineOfRun;
};

/// The table of runs: clicking a box adds the run to the comparison, clicking elsewhere looks at
/// one run.
class RunTableView final : public QTableView
{
    Q_OBJECT

public:
    explicit RunTableView(QWidget* parent = nullptr);
    RunDelegate& delegate() { return *m_delegate; }

protected:
    QItemSelectionModel::SelectionFlags selectionCommand(const QModelIndex& index,
                                                         const QEvent* event) const override;
    void resizeEvent(QResizeEvent* event) override;

private:
    RunDelegate* m_delegate;
};

} // namespace tw
