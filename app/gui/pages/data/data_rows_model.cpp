// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/data/data_rows_model.h"

#include "app/gui/pages/data/row_cache.h"
#include "widgets/table/column_table.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>

#include <algorithm>

namespace tw {
namespace {

constexpr int kMostWords = 160; // characters of a cell that a table shows
constexpr int kMostKept = 10'000; // rows whose first words are kept: painting asks again and again
constexpr std::size_t kLargestTalk = 1 << 18; // bytes; a longer cell is shown as it stands

/// A list of words, read as a sentence.
QString sentenceOf(const QJsonArray& words)
{
    QStringList all;
    for (const QJsonValue& word : words)
        all << (word.isString() ? word.toString() : QString::number(word.toDouble()));
    return all.join(QLatin1Char(' '));
}

/// What the user says first where a cell holds a conversation, in either of its two spellings; else
/// the cell.
QString firstWords(const std::string& cell)
{
    if (!cell.starts_with('[') || cell.size() > kLargestTalk)
        return QString::fromStdString(cell);
    const QJsonArray talk = QJsonDocument::fromJson(QByteArray::fromStdString(cell)).array();
    if (!talk.isEmpty() && !talk.first().isObject())
        return sentenceOf(talk);
    for (const QJsonValue& message : talk) {
        const QString role = message[QLatin1String("role")].toString();
        const QString from = message[QLatin1String("from")].toString();
        const QString content = message[QLatin1String("content")].toString();
        if (role == QLatin1String("user") && !content.isEmpty())
            return content;
        if (from == QLatin1String("human") || from == QLatin1String("user"))
            return message[QLatin1String("value")].toString();
    }
    return QString::fromStdString(cell);
}

QString shortened(const QString& words)
{
    return words.left(kMostWords).simplified();
}

} // namespace

DataRowsModel::DataRowsModel(RowCache& cache, Kind kind, QObject* parent)
    : QAbstractTableModel(parent)
    , m_cache(cache)
    , m_kind(kind)
{
    connect(&cache, &RowCache::loaded, this, [this] {
        if (rowCount() > 0)
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    });
}

void DataRowsModel::setDataset(const DatasetSummary& dataset)
{
    beginResetModel();
    m_dataset = dataset;
    m_lengths.clear();
    m_subset.clear();
    m_words.clear();
    endResetModel();
}

void DataRowsModel::setLengths(const std::vector<std::int32_t>& lengths)
{
    m_lengths = lengths;
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

void DataRowsModel::setWordsColumn(int column)
{
    m_wordsColumn = column;
    m_words.clear();
}

void DataRowsModel::setSubset(const std::vector<std::int64_t>& rows)
{
    if (rows == m_subset)
        return;
    beginResetModel();
    m_subset = rows;
    endResetModel();
}

std::int64_t DataRowsModel::rowNumber(int modelRow) const
{
    return m_subset.empty() ? modelRow : m_subset.at(static_cast<std::size_t>(modelRow));
}

int DataRowsModel::modelRow(std::int64_t rowNumber) const
{
    if (m_subset.empty())
        return rowNumber < m_dataset.rows ? static_cast<int>(rowNumber) : -1;
    const auto found = std::find(m_subset.begin(), m_subset.end(), rowNumber);
    return found == m_subset.end() ? -1 : static_cast<int>(found - m_subset.begin());
}

int DataRowsModel::rowCount(const QModelIndex& parent) const
{
    if (parent.isValid())
        return 0;
    return static_cast<int>(m_subset.empty() ? m_dataset.rows
                                             : static_cast<std::int64_t>(m_subset.size()));
}

int DataRowsModel::columnCount(const QModelIndex& parent) const
{
    if (parent.isValid())
        return 0;
    return m_kind == Kind::Tokens ? 3 : 1 + static_cast<int>(m_dataset.columns.size());
}

bool DataRowsModel::isNumber(int column) const
{
    return column == 0 || (m_kind == Kind::Tokens && column == 2);
}

QVariant DataRowsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return cell(index);
    case NumberRole:
        return isNumber(index.column());
    case InkRole:
        return index.column() == 0 ? QVariant(QStringLiteral("ink3")) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(
            (isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    default:
        return {};
    }
}

QString DataRowsModel::cell(const QModelIndex& index) const
{
    const std::int64_t row = rowNumber(index.row());
    if (index.column() == 0)
        return QLocale().toString(qlonglong(row + 1));
    if (m_kind == Kind::Tokens && index.column() == 2) {
        const auto at = static_cast<std::size_t>(row);
        return at < m_lengths.size() ? QLocale().toString(m_lengths[at]) : QString();
    }
    const int column = m_kind == Kind::Tokens ? m_wordsColumn : index.column() - 1;
    const std::vector<std::string>* cells = m_cache.row(row);
    if (cells == nullptr || column >= static_cast<int>(cells->size()))
        return {};
    const std::string& words = (*cells)[static_cast<std::size_t>(column)];
    return m_kind == Kind::Tokens ? wordsOf(row, words) : shortened(QString::fromStdString(words));
}

QString DataRowsModel::wordsOf(std::int64_t row, const std::string& cell) const
{
    if (const auto known = m_words.constFind(row); known != m_words.constEnd())
        return *known;
    if (m_words.size() >= kMostKept)
        m_words.clear();
    return *m_words.insert(row, shortened(firstWords(cell)));
}

QVariant DataRowsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment((isNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    if (section == 0)
        return tr("Row");
    if (m_kind == Kind::Tokens)
        return section == 1 ? tr("First words") : tr("Tokens");
    return QString::fromStdString(m_dataset.columns[static_cast<std::size_t>(section - 1)].name);
}

} // namespace tw
