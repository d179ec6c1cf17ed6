// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/experiment.h"
#include "widgets/basic/panel.h"

#include <QAbstractTableModel>

#include <vector>

namespace tw {

class TextLabel;

/// Settings in which several runs differ: one setting a row, one run a column.
class DifferenceModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    struct Run
    {
        std::int64_t id = 0;
        int line = 1;
        Experiment experiment;
    };
    enum Role
    {
        DiffersRole = Qt::UserRole,
        LineRole
    };

    explicit DifferenceModel(QObject* parent = nullptr);
    /// The first run is the one that the others are compared with.
    void setRuns(const std::vector<Run>& runs);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        QString setting;
        QStringList values;
    };
    std::vector<Run> m_runs;
    std::vector<Row> m_rows;
};

/// The panel "What differs".
class RunDifferences final : public Panel
{
    Q_OBJECT

public:
    explicit RunDifferences(QWidget* parent = nullptr);
    void setRuns(const std::vector<DifferenceModel::Run>& runs);

private:
    DifferenceModel* m_model;
    TextLabel* m_note;
};

} // namespace tw
