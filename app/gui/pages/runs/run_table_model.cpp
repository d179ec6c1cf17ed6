// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/runs/run_table_model.h"

#include "app/gui/words.h"

#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tw {
namespace {

double metricOf(const RunSummary& run, const char* name)
{
    const auto found = run.metrics.find(name);
    return found == run.metrics.end() ? std::nan("") : found->second;
}

bool isUnderWay(RunState state)
{
    return state == RunState::Running || state == RunState::Paused;
}

/// Columns whose sort keys are numbers that a filter can compare.
bool isMeasured(int column)
{
    switch (column) {
    case RunTableModel::Number:
    case RunTableModel::Step:
    case RunTableModel::Loss:
    case RunTableModel::HeldOut:
    case RunTableModel::Forgetting:
    case RunTableModel::Time:
        return true;
    default:
        return false;
    }
}

constexpr int kLossDigits = 2;

/// Digits behind the point that a column shows.
int shownDigits(int column)
{
    return column == RunTableModel::Loss || column == RunTableModel::HeldOut
            || column == RunTableModel::Forgetting
        ? kLossDigits
        : 0;
}

/// A loss that was reached but is no number is an answer too.
QString lossText(const RunSummary& run)
{
    const auto found = run.metrics.find("loss");
    if (found != run.metrics.end() && !std::isfinite(found->second))
        return QStringLiteral("NaN");
    return number(metricOf(run, "loss"), kLossDigits);
}

} // namespace

RunTableModel::RunTableModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void RunTableModel::setRuns(std::vector<RunSummary> runs)
{
    const auto isSameRun = [](const RunSummary& a, const RunSummary& b) { return a.id == b.id; };
    const std::size_t known = m_runs.size();
    const bool isLonger =
        runs.size() >= known && std::equal(m_runs.begin(), m_runs.end(), runs.begin(), isSameRun);
    if (!isLonger) {
        beginResetModel();
        m_runs = std::move(runs);
        findBest();
        endResetModel();
        return;
    }
    if (runs.size() > known) {
        beginInsertRows({}, static_cast<int>(known), static_cast<int>(runs.size()) - 1);
        m_runs.insert(m_runs.end(), runs.begin() + static_cast<std::ptrdiff_t>(known), runs.end());
        endInsertRows();
    }
    const std::int64_t best = m_best;
    for (std::size_t i = 0; i < known; ++i) {
        if (m_runs[i] == runs[i])
            continue;
        m_runs[i] = runs[i];
        Q_EMIT dataChanged(index(static_cast<int>(i), 0),
                           index(static_cast<int>(i), ColumnCount - 1));
    }
    findBest();
    if (best != m_best && !m_runs.empty())
        Q_EMIT dataChanged(index(0, HeldOut), index(rowCount() - 1, HeldOut));
}

void RunTableModel::findBest()
{
    m_best = 0;
    double lowest = std::numeric_limits<double>::infinity();
    int measured = 0;
    for (const RunSummary& run : m_runs) {
        const double loss = metricOf(run, "heldOut.loss");
        if (std::isnan(loss))
            continue;
        ++measured;
        if (loss < lowest) {
            lowest = loss;
            m_best = run.id;
        }
    }
    if (measured < 2) // the only one is not the best
        m_best = 0;
}

int RunTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

int RunTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString RunTableModel::display(const RunSummary& run, int column) const
{
    switch (column) {
    case State:
        return stateInWords(run.state);
    case Number:
        return QString::number(run.id);
    case Name:
        return QString::fromStdString(run.name);
    case Model:
        return QString::fromStdString(run.model);
    case Method:
        return QString::fromStdString(run.methodTitle);
    case Step:
        return run.step == run.steps ? QLocale().toString(static_cast<qint64>(run.steps))
                                     : tr("%1 of %2").arg(run.step).arg(run.steps);
    case Loss:
        return lossText(run);
    case HeldOut:
        return number(metricOf(run, "heldOut.loss"), kLossDigits);
    case Forgetting:
        return signedNumber(forgettingOf(run), kLossDigits);
    case Time:
        return run.seconds > 0.0 ? durationInWords(run.seconds) : QString();
    case When:
        return run.state == RunState::Queued ? tr("waiting") : timeInWords(run.created);
    default:
        return {};
    }
}

QVariant RunTableModel::sortKey(const RunSummary& run, int column) const
{
    switch (column) {
    case Number:
        return static_cast<qint64>(run.id);
    case Step:
        return static_cast<qint64>(run.step);
    case Loss:
        return metricOf(run, "loss");
    case HeldOut:
        return metricOf(run, "heldOut.loss");
    case Forgetting:
        return forgettingOf(run);
    case Time:
        return run.seconds;
    case When:
        return QString::fromStdString(run.created);
    default:
        return display(run, column);
    }
}

QVariant RunTableModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const RunSummary& run = m_runs[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return display(run, column);
    case Qt::ToolTipRole:
        return run.failure.empty() || column != State
            ? QVariant()
            : QVariant(QString::fromStdString(run.failure));
    case Qt::AccessibleTextRole:
        return tr("run %1, %2: %3 %4")
            .arg(run.id)
            .arg(stateInWords(run.state),
                 headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(),
                 display(run, column));
    case Qt::TextAlignmentRole: {
        const bool isNumber = column == Number || column >= Step;
        return QVariant::fromValue((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    case SortRole:
        return sortKey(run, column);
    case RunRole:
        return static_cast<qint64>(run.id);
    case StateRole:
        return static_cast<int>(run.state);
    case ShareRole:
        return isUnderWay(run.state) && run.steps > 0
            ? QVariant(static_cast<double>(run.step) / static_cast<double>(run.steps))
            : QVariant();
    case IsBestRole:
        return column == HeldOut && run.id == m_best;
    default:
        return {};
    }
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            (section == Number || section >= Step ? Qt::AlignRight : Qt::AlignLeft)
            | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section == Forgetting)
        return tr("How much the loss on general text rose since before training, in nats a token.");
    if (role == Qt::ToolTipRole && section == HeldOut)
        return tr("Loss on rows that were not trained on, in nats a token; the lowest is bold.");
    if (role != Qt::DisplayRole)
        return {};
    const QStringList titles {QString(),      tr("State"),      tr("Run"),  tr("Name"),
                              tr("Model"),    tr("Method"),     tr("Step"), tr("Loss"),
                              tr("Held-out"), tr("Forgetting"), tr("Time"), tr("When")};
    return titles.value(section);
}

RunFilter::RunFilter(QObject* parent)
    : QSortFilterProxyModel(parent)
{
    setSortRole(RunTableModel::SortRole);
    setDynamicSortFilter(true);
}

void RunFilter::setWish(const QString& wish)
{
    static const QRegularExpression kComparison(
        QStringLiteral("^\\s*(\\S.*?)\\s*([<>=])\\s*([-\u2212+]?[0-9.,]+)\\s*$"));
    const QRegularExpressionMatch match = kComparison.match(wish);
    m_column = -1;
    m_words = wish.trimmed();
    if (match.hasMatch()) {
        for (int column = 0; column < RunTableModel::ColumnCount; ++column)
            if (m_column < 0 && isMeasured(column)
                && headerData(column, Qt::Horizontal)
                       .toString()
                       .startsWith(match.captured(1), Qt::CaseInsensitive))
                m_column = column;
        m_relation = match.captured(2).at(0);
        m_limit = match.captured(3)
                      .replace(QLatin1Char(','), QLatin1Char('.'))
                      .replace(QChar(0x2212), QLatin1Char('-'))
                      .toDouble();
    }
    invalidateFilter();
}

bool RunFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    const QVariant a = left.data(sortRole());
    const QVariant b = right.data(sortRole());
    if (a.userType() != QMetaType::Double || b.userType() != QMetaType::Double)
        return QSortFilterProxyModel::lessThan(left, right);
    const bool hasA = !std::isnan(a.toDouble());
    const bool hasB = !std::isnan(b.toDouble());
    if (hasA && hasB)
        return a.toDouble() < b.toDouble();
    // A descending order is asked for with left and right exchanged.
    return sortOrder() == Qt::AscendingOrder ? hasA && !hasB : hasB && !hasA;
}

bool RunFilter::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    if (m_column >= 0) {
        const double value =
            sourceModel()->index(row, m_column, parent).data(RunTableModel::SortRole).toDouble();
        if (std::isnan(value))
            return false;
        if (m_relation == QLatin1Char('=')) { // of what a person sees
            const double scale = std::pow(10.0, shownDigits(m_column));
            return std::round(value * scale) == std::round(m_limit * scale);
        }
        return m_relation == QLatin1Char('<') ? value < m_limit : value > m_limit;
    }
    if (m_words.isEmpty())
        return true;
    for (int column = 0; column < RunTableModel::ColumnCount; ++column)
        if (sourceModel()
                ->index(row, column, parent)
                .data()
                .toString()
                .contains(m_words, Qt::CaseInsensitive))
            return true;
    return false;
}

} // namespace tw
