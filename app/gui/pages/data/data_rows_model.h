// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"

#include <QAbstractTableModel>
#include <QHash>

#include <cstdint>
#include <vector>

namespace tw {

class RowCache;

/// Rows of a data set, numbered from 1: all columns of the file, or first words and length in
/// tokens.
class DataRowsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum class Kind
    {
        Raw,
        Tokens
    };

    DataRowsModel(RowCache& cache, Kind kind, QObject* parent);
    void setDataset(const DatasetSummary& dataset);
    /// Lengths in tokens, by row.
    void setLengths(const std::vector<std::int32_t>& lengths);
    /// Which column gives the first words.
    void setWordsColumn(int column);
    /// Only these rows; empty: all.
    void setSubset(const std::vector<std::int64_t>& rows);
    bool isSubset() const { return !m_subset.empty(); }
    std::int64_t rowNumber(int modelRow) const; ///< from 0, of the data set
    int modelRow(std::int64_t rowNumber) const; ///< -1: not shown

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    bool isNumber(int column) const;
    QString cell(const QModelIndex& index) const;
    QString wordsOf(std::int64_t row, const std::string& cell) const;

    RowCache& m_cache;
    Kind m_kind;
    DatasetSummary m_dataset;
    std::vector<std::int32_t> m_lengths;
    std::vector<std::int64_t> m_subset;
    int m_wordsColumn = 0;
    mutable QHash<std::int64_t, QString> m_words; ///< first ones, by row
};

} // namespace tw
