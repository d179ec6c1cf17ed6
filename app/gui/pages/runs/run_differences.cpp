// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/runs/run_differences.h"

#include "app/gui/words.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/theme.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QTextOption>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

class DifferenceDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter,
               const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        const Theme& theme = Theme::current();
        if (index.data(DifferenceModel::DiffersRole).toBool())
            painter->fillRect(option.rect, theme.warnSoft);
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
                          theme.grid);
        painter->setFont(textFont(TextType::Table));
        painter->setPen(index.column() == 0 ? theme.ink2 : theme.ink);
        const QRect cell = option.rect.adjusted(px(12), 0, -px(12), -1);
        const QString text = painter->fontMetrics().elidedText(index.data().toString(),
                                                               Qt::ElideMiddle, cell.width());
        painter->drawText(
            QRectF(cell), text,
            QTextOption((index.column() == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    }
};

/// A small square of a colour, as in a legend.
QPixmap swatch(const QColor& fill, const QColor& edge)
{
    QPixmap pixmap(px(10), px(10));
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setPen(edge);
    painter.setBrush(fill);
    painter.drawRoundedRect(pixmap.rect().adjusted(0, 0, -1, -1), 2, 2);
    return pixmap;
}

/// Paths are told apart by their last parts.
QString shortValue(const std::string& value)
{
    const QString text = QString::fromStdString(value);
    return text.startsWith(QLatin1Char('/')) ? QFileInfo(text).fileName() : text;
}

} // namespace

DifferenceModel::DifferenceModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void DifferenceModel::setRuns(const std::vector<Run>& runs)
{
    beginResetModel();
    m_runs = runs;
    m_rows.clear();
    std::vector<std::string> fields;
    for (std::size_t i = 1; i < m_runs.size(); ++i) {
        for (const FieldDifference& difference :
             differences(m_runs[0].experiment, m_runs[i].experiment)) {
            if (difference.field == "name") // stands in the table of runs
                continue;
            auto known = std::find(fields.begin(), fields.end(), difference.field);
            if (known == fields.end()) {
                fields.push_back(difference.field);
                Row row {fieldInWords(difference.field), {}};
                for (std::size_t j = 0; j < m_runs.size(); ++j)
                    row.values << shortValue(
                        difference.a); // equal to the first until found otherwise
                m_rows.push_back(row);
                known = fields.end() - 1;
            }
            m_rows[static_cast<std::size_t>(known - fields.begin())]
                .values[static_cast<qsizetype>(i)] = shortValue(difference.b);
        }
    }
    endResetModel();
}

int DifferenceModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int DifferenceModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size()) + 1;
}

QVariant DifferenceModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const QString value = index.column() == 0 ? row.setting : row.values[index.column() - 1];
    if (role == Qt::DisplayRole)
        return value.isEmpty() ? tr("none") : value;
    if (role == Qt::ToolTipRole)
        return value;
    if (role == DiffersRole)
        return index.column() > 0 && value != row.values[0];
    return {};
}

QVariant DifferenceModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((section == 0 ? Qt::AlignLeft : Qt::AlignRight)
                                   | Qt::AlignVCenter);
    if (section == 0)
        return role == Qt::DisplayRole ? QVariant(tr("Setting")) : QVariant();
    const Run& run = m_runs[static_cast<std::size_t>(section - 1)];
    if (role == Qt::DisplayRole)
        return QString::number(run.id);
    if (role == Qt::DecorationRole)
        return swatch(Theme::current().series(run.line), Theme::current().series(run.line));
    return {};
}

RunDifferences::RunDifferences(QWidget* parent)
    : Panel(tr("What differs"), parent)
    , m_model(new DifferenceModel(this))
    , m_note(new TextLabel(TextType::Caption, TextInk::Ink3))
{
    setHeadLine(true);
    setBodyMargins(0, 0, 0, 0);
    auto* view = new QTableView(this);
    view->setModel(m_model);
    view->setItemDelegate(new DifferenceDelegate(view));
    view->setShowGrid(false);
    view->setSelectionMode(QAbstractItemView::NoSelection);
    view->setFrameShape(QFrame::NoFrame);
    view->setAccessibleName(tr("Settings in which the chosen runs differ"));
    view->verticalHeader()->hide();
    view->verticalHeader()->setDefaultSectionSize(px(28));
    view->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    view->horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    body()->addWidget(view);
    auto* box = new QLabel(this);
    box->setPixmap(swatch(Theme::current().warnSoft, Theme::current().warnLine));
    foot()->addWidget(box);
    foot()->addWidget(m_note, 1);
}

void RunDifferences::setRuns(const std::vector<DifferenceModel::Run>& runs)
{
    m_model->setRuns(runs);
    setFact(m_model->rowCount() == 0 ? tr("no setting")
                                     : tr("%n settings", nullptr, m_model->rowCount()));
    if (!runs.empty())
        m_note->setText(tr("unlike run %1, the first in the table").arg(runs.front().id));
}

} // namespace tw
