// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/runs/run_table_view.h"

#include "app/gui/pages/runs/run_table_model.h"
#include "app/gui/words.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QHeaderView>
#include <QMouseEvent>
#include <QPainter>
#include <QTextOption>

#include <array>

namespace tw {
namespace {

constexpr int kRow = 28; // px at 100 %
constexpr int kPadding = 8;
constexpr int kBox = 14;
constexpr int kMeter = 56;

/// Least width of each column, px at 100 %; Name takes what is left.
constexpr std::array<int, RunTableModel::ColumnCount> kWidths {40, 104, 48, 160, 150, 96,
                                                               96, 64,  78, 84,  64,  150};

RunState stateOf(const QModelIndex& index)
{
    return static_cast<RunState>(index.data(RunTableModel::StateRole).toInt());
}

} // namespace

RunDelegate::RunDelegate(QObject* parent)
    : QStyledItemDelegate(parent)
{
}

void RunDelegate::paint(QPainter* painter,
                        const QStyleOptionViewItem& option,
                        const QModelIndex& index) const
{
    const Theme& theme = Theme::current();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, theme.soft);
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(option.rect, theme.hover);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
                      theme.grid);
    const QRect cell = option.rect.adjusted(px(kPadding), 0, -px(kPadding), -1);
    if (index.column() == RunTableModel::Mark)
        paintMark(*painter, cell, index);
    else if (index.column() == RunTableModel::State)
        paintState(*painter, cell, index);
    else
        paintText(*painter, cell, index);
    if (option.state & QStyle::State_HasFocus) {
        painter->setPen(QPen(theme.accent, 2));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(option.rect.adjusted(1, 1, -1, -2));
    }
    painter->restore();
}

void RunDelegate::paintMark(QPainter& painter, const QRect& cell, const QModelIndex& index) const
{
    const Theme& theme = Theme::current();
    const int side = px(kBox);
    const QRectF box(cell.center().x() - side / 2 + 0.5, cell.center().y() - side / 2 + 0.5, side,
                     side);
    const auto line = m_lineOfRun.find(index.data(RunTableModel::RunRole).toLongLong());
    painter.setPen(line == m_lineOfRun.end() ? QPen(theme.field, 1) : QPen(Qt::NoPen));
    painter.setBrush(line == m_lineOfRun.end() ? theme.panel : theme.series(line->second));
    painter.drawRoundedRect(box, 3, 3);
    if (line == m_lineOfRun.end())
        return;
    painter.setPen(QPen(Theme::textOn(theme.series(line->second)), 1.6, Qt::SolidLine, Qt::RoundCap,
                        Qt::RoundJoin));
    painter.drawPolyline(QPolygonF({box.topLeft() + QPointF(side * 0.24, side * 0.53),
                                    box.topLeft() + QPointF(side * 0.43, side * 0.71),
                                    box.topLeft() + QPointF(side * 0.78, side * 0.31)}));
}

void RunDelegate::paintState(QPainter& painter, const QRect& cell, const QModelIndex& index) const
{
    const Theme& theme = Theme::current();
    const RunState state = stateOf(index);
    const QColor ink = state == RunState::Failed ? theme.error
        : state == RunState::Interrupted         ? theme.warn
        : state == RunState::Running             ? theme.accent
                                                 : theme.ink2;
    const int side = px(14);
    painter.drawPixmap(
        QRect(cell.left(), cell.center().y() - side / 2 + 1, side, side),
        linePixmap(stateIcon(state), side, ink, painter.device()->devicePixelRatioF()));
    painter.setFont(textFont(TextType::Table));
    painter.setPen(state == RunState::Failed || state == RunState::Interrupted ? ink : theme.ink2);
    painter.drawText(cell.adjusted(side + px(6), 0, 0, 0), Qt::AlignVCenter,
                     index.data().toString());
}

void RunDelegate::paintText(QPainter& painter, const QRect& cell, const QModelIndex& index) const
{
    const Theme& theme = Theme::current();
    const int column = index.column();
    const bool isStrong =
        column == RunTableModel::Number || index.data(RunTableModel::IsBestRole).toBool();
    painter.setFont(textFont(isStrong ? TextType::TableStrong : TextType::Table));
    const bool isQuiet = column == RunTableModel::Model || column == RunTableModel::Method
        || column == RunTableModel::When;
    painter.setPen(isQuiet ? theme.ink2 : theme.ink);
    if (column == RunTableModel::Loss && index.data().toString() == QStringLiteral("NaN"))
        painter.setPen(theme.error);
    if (column == RunTableModel::Name)
        painter.setFont(textFont(TextType::Table));
    const auto alignment = Qt::Alignment(index.data(Qt::TextAlignmentRole).toInt());
    const QString text = index.data().toString();
    const QVariant share = index.data(RunTableModel::ShareRole);
    if (column == RunTableModel::Step && share.isValid()) {
        const QRectF bar(cell.left(), cell.bottom() - px(3), cell.width(), px(3));
        painter.fillRect(bar, theme.quiet);
        painter.fillRect(
            QRectF(bar.left(), bar.top(), bar.width() * share.toDouble(), bar.height()),
            theme.accent);
    }
    if (alignment & Qt::AlignRight)
        drawTabular(painter, cell, alignment, text);
    else
        painter.drawText(QRectF(cell),
                         painter.fontMetrics().elidedText(text, Qt::ElideRight, cell.width()),
                         QTextOption(alignment));
}

QSize RunDelegate::sizeHint(const QStyleOptionViewItem& /*option*/, const QModelIndex& index) const
{
    const double text = tabularWidth(textFont(TextType::TableStrong), index.data().toString());
    return {static_cast<int>(text) + 2 * px(kPadding), px(kRow)};
}

RunTableView::RunTableView(QWidget* parent)
    : QTableView(parent)
    , m_delegate(new RunDelegate(this))
{
    setItemDelegate(m_delegate);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setShowGrid(false);
    setSortingEnabled(true);
    setMouseTracking(true);
    setWordWrap(false);
    setFrameShape(QFrame::NoFrame);
    setTabKeyNavigation(false);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setAccessibleName(tr("Runs"));
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(px(kRow));
    verticalHeader()->setMinimumSectionSize(px(kRow));
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setMinimumSectionSize(px(kMeter) / 2);
}

QItemSelectionModel::SelectionFlags RunTableView::selectionCommand(const QModelIndex& index,
                                                                   const QEvent* event) const
{
    const bool isClick = event != nullptr && event->type() == QEvent::MouseButtonPress;
    if (isClick && index.isValid() && index.column() == RunTableModel::Mark)
        return QItemSelectionModel::Toggle | QItemSelectionModel::Rows;
    return QTableView::selectionCommand(index, event);
}

void RunTableView::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    if (model() == nullptr)
        return;
    int rest = viewport()->width();
    for (int column = 0; column < RunTableModel::ColumnCount; ++column) {
        if (column == RunTableModel::Name)
            continue;
        setColumnWidth(column, px(kWidths[static_cast<std::size_t>(column)]));
        rest -= columnWidth(column);
    }
    setColumnWidth(RunTableModel::Name, std::max(px(kWidths[RunTableModel::Name]), rest));
}

} // namespace tw
