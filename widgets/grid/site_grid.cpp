// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/grid/site_grid.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QAccessible>
#include <QFontMetrics>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr int kRowHeight = 18; // pixels at 100 %, with the gap
constexpr int kCellHeight = 16;
constexpr int kNumbers = 20; // the numbers above
constexpr int kGroupGap = 5; // between attention and MLP
constexpr double kSmallestCell = 5.0;
constexpr double kLargestCell = 64.0;
constexpr int kNumberEvery = 5;

QString groupOf(const QString& site)
{
    return site.section(QLatin1Char('.'), 0, 0);
}

} // namespace

SiteGrid::SiteGrid(QWidget* parent)
    : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Sites: rows are places in a block, columns are blocks"));
    setToolTip(
        tr("Click or drag to attach. Shift-click takes a whole row, a number above its column."));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void SiteGrid::setRows(const std::vector<SiteGridRow>& rows, int layers)
{
    const bool isOtherShape = rows.size() != m_rows.size() || layers != m_layers;
    m_rows = rows;
    m_layers = layers;
    m_current.row = std::clamp(m_current.row, 0, std::max(0, static_cast<int>(m_rows.size()) - 1));
    m_current.layer = std::clamp(m_current.layer, 0, std::max(0, layers - 1));
    if (isOtherShape)
        updateGeometry();
    update();
}

void SiteGrid::setCurrent(Cell cell)
{
    if (m_rows.empty() || m_layers == 0)
        return;
    cell.row = std::clamp(cell.row, 0, static_cast<int>(m_rows.size()) - 1);
    cell.layer = std::clamp(cell.layer, 0, m_layers - 1);
    if (cell == m_current)
        return;
    m_current = cell;
    setAccessibleDescription(words(cell));
    QAccessibleEvent event(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
    update();
    Q_EMIT currentChanged(cell.row, cell.layer);
}

QString SiteGrid::words(Cell cell) const
{
    const SiteGridRow& row = m_rows.at(static_cast<std::size_t>(cell.row));
    if (!row.isAllowed)
        return tr("%1, block %2: the method cannot sit here").arg(row.label).arg(cell.layer);
    return isOn(cell) ? tr("%1, block %2: trained").arg(row.label).arg(cell.layer)
                      : tr("%1, block %2: not trained").arg(row.label).arg(cell.layer);
}

int SiteGrid::labelWidth() const
{
    const QFontMetrics metrics(textFont(TextType::Caption));
    int widest = px(48);
    for (const SiteGridRow& row : m_rows)
        widest = std::max(widest, metrics.horizontalAdvance(row.label));
    return widest + px(9);
}

double SiteGrid::cellWidth() const
{
    if (m_layers == 0)
        return 0.0;
    return std::clamp((width() - labelWidth()) / static_cast<double>(m_layers), kSmallestCell,
                      double(px(kLargestCell)));
}

int SiteGrid::rowTop(int row) const
{
    int top = px(kNumbers) + row * px(kRowHeight);
    for (int i = 1; i <= row; ++i) {
        if (groupOf(m_rows[static_cast<std::size_t>(i)].site)
            != groupOf(m_rows[static_cast<std::size_t>(i - 1)].site))
            top += px(kGroupGap);
    }
    return top;
}

QRect SiteGrid::cellRect(Cell cell) const
{
    const double left = labelWidth() + cell.layer * cellWidth();
    const int gap = cellWidth() > 8.0 ? 1 : 0;
    const int x = static_cast<int>(std::lround(left));
    const int next = static_cast<int>(std::lround(left + cellWidth()));
    return {x, rowTop(cell.row), next - x - gap, px(kCellHeight)};
}

QSize SiteGrid::sizeHint() const
{
    const int rows = static_cast<int>(m_rows.size());
    const int height = rows == 0 ? px(60) : rowTop(rows - 1) + px(kRowHeight) + px(4);
    return {labelWidth() + px(13) * std::max(1, m_layers), height};
}

QSize SiteGrid::minimumSizeHint() const
{
    return {labelWidth() + static_cast<int>(kSmallestCell) * m_layers, sizeHint().height()};
}

std::optional<SiteGrid::Cell> SiteGrid::cellAt(QPoint at) const
{
    if (at.x() < labelWidth() || cellWidth() <= 0.0)
        return std::nullopt;
    const int layer = static_cast<int>((at.x() - labelWidth()) / cellWidth());
    for (int row = 0; row < static_cast<int>(m_rows.size()); ++row) {
        if (layer < m_layers && at.y() >= rowTop(row) && at.y() < rowTop(row) + px(kRowHeight))
            return Cell {row, layer};
    }
    return std::nullopt;
}

std::optional<int> SiteGrid::layerAbove(QPoint at) const
{
    if (at.y() >= px(kNumbers) || at.x() < labelWidth() || cellWidth() <= 0.0)
        return std::nullopt;
    const int layer = static_cast<int>((at.x() - labelWidth()) / cellWidth());
    return layer < m_layers ? std::optional(layer) : std::nullopt;
}

std::optional<int> SiteGrid::rowBeside(QPoint at) const
{
    if (at.x() >= labelWidth())
        return std::nullopt;
    const auto cell = cellAt(QPoint(labelWidth(), at.y()));
    return cell ? std::optional(cell->row) : std::nullopt;
}

bool SiteGrid::isOn(Cell cell) const
{
    const SiteGridRow& row = m_rows[static_cast<std::size_t>(cell.row)];
    const auto layer = static_cast<std::size_t>(cell.layer);
    return layer < row.isOn.size() && row.isOn[layer];
}

std::vector<SiteGrid::Cell> SiteGrid::between(Cell a, Cell b) const
{
    std::vector<Cell> cells;
    for (int row = std::min(a.row, b.row); row <= std::max(a.row, b.row); ++row) {
        if (!m_rows[static_cast<std::size_t>(row)].isAllowed)
            continue;
        for (int layer = std::min(a.layer, b.layer); layer <= std::max(a.layer, b.layer); ++layer)
            cells.push_back({row, layer});
    }
    return cells;
}

std::vector<SiteGrid::Cell> SiteGrid::wholeRow(int row) const
{
    return between({row, 0}, {row, m_layers - 1});
}

std::vector<SiteGrid::Cell> SiteGrid::wholeColumn(int layer) const
{
    return between({0, layer}, {static_cast<int>(m_rows.size()) - 1, layer});
}

void SiteGrid::toggle(const std::vector<Cell>& cells)
{
    if (cells.empty())
        return;
    const bool areAllOn =
        std::all_of(cells.begin(), cells.end(), [this](Cell cell) { return isOn(cell); });
    Q_EMIT edited(cells, !areAllOn);
}

void SiteGrid::mousePressEvent(QMouseEvent* event)
{
    m_hasKeyboard = false;
    if (const auto layer = layerAbove(event->pos())) {
        setCurrent({m_current.row, *layer});
        return toggle(wholeColumn(*layer));
    }
    if (const auto row = rowBeside(event->pos())) {
        setCurrent({*row, m_current.layer});
        return toggle(wholeRow(*row));
    }
    const auto cell = cellAt(event->pos());
    if (!cell)
        return;
    setCurrent(*cell);
    if (event->modifiers() & Qt::ShiftModifier)
        return toggle(wholeRow(cell->row));
    if (!m_rows[static_cast<std::size_t>(cell->row)].isAllowed)
        return;
    m_dragFrom = cell;
    m_dragTo = *cell;
    m_dragIsOn = !isOn(*cell);
    update();
}

void SiteGrid::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_dragFrom)
        return;
    const QPoint inside(std::clamp(event->pos().x(), labelWidth(), width() - 1), event->pos().y());
    if (const auto cell = cellAt(inside)) {
        m_dragTo = *cell;
        setCurrent(*cell);
        update();
    }
}

void SiteGrid::mouseReleaseEvent(QMouseEvent*)
{
    if (!m_dragFrom)
        return;
    const std::vector<Cell> cells = between(*m_dragFrom, m_dragTo);
    m_dragFrom.reset();
    update();
    if (!cells.empty())
        Q_EMIT edited(cells, m_dragIsOn);
}

void SiteGrid::keyPressEvent(QKeyEvent* event)
{
    if (m_rows.empty() || m_layers == 0)
        return QWidget::keyPressEvent(event);
    m_hasKeyboard = true;
    Cell to = m_current;
    switch (event->key()) {
    case Qt::Key_Left:
        --to.layer;
        break;
    case Qt::Key_Right:
        ++to.layer;
        break;
    case Qt::Key_Up:
        --to.row;
        break;
    case Qt::Key_Down:
        ++to.row;
        break;
    case Qt::Key_Home:
        to.layer = 0;
        break;
    case Qt::Key_End:
        to.layer = m_layers - 1;
        break;
    case Qt::Key_Space:
    case Qt::Key_Return:
        if (event->modifiers() & Qt::ShiftModifier)
            return toggle(wholeRow(to.row));
        if (event->modifiers() & Qt::ControlModifier)
            return toggle(wholeColumn(to.layer));
        return toggle(between(to, to));
    default:
        return QWidget::keyPressEvent(event);
    }
    setCurrent(to);
    update();
}

void SiteGrid::focusInEvent(QFocusEvent* event)
{
    m_hasKeyboard = event->reason() != Qt::MouseFocusReason;
    if (!m_rows.empty())
        setAccessibleDescription(words(m_current));
    QWidget::focusInEvent(event);
}

void SiteGrid::focusOutEvent(QFocusEvent* event)
{
    m_hasKeyboard = false;
    QWidget::focusOutEvent(event);
}

void SiteGrid::paintEvent(QPaintEvent*)
{
    if (m_rows.empty() || m_layers == 0)
        return;
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(textFont(TextType::Caption));
    paintNumbers(painter);
    const int last = static_cast<int>(m_rows.size()) - 1;
    for (int row = 0; row <= last; ++row)
        paintRow(painter, row);
    // The block that the drawing beside shows, framed from top to bottom.
    const QRect top = cellRect({0, m_current.layer});
    const QRect column(top.topLeft(), cellRect({last, m_current.layer}).bottomRight());
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.ink, 1.5));
    painter.drawRoundedRect(QRectF(column).adjusted(-1.5, -4, 1.5, 4), 3, 3);
    if (m_hasKeyboard) {
        painter.setPen(QPen(theme.accent, 2));
        painter.drawRoundedRect(QRectF(cellRect(m_current)).adjusted(-2, -2, 2, 2), 3, 3);
    }
}

void SiteGrid::paintNumbers(QPainter& painter) const
{
    painter.setPen(Theme::current().ink3);
    for (int layer = 0; layer < m_layers; ++layer) {
        const bool isLast = layer == m_layers - 1;
        const bool crowdsLast = !isLast && layer % kNumberEvery == 0 && m_layers - 1 - layer < 3;
        if ((layer % kNumberEvery != 0 && !isLast) || crowdsLast)
            continue;
        const QRectF cell(cellRect({0, layer}));
        drawTabular(painter, QRectF(cell.center().x() - px(20), 0, px(40), px(kNumbers) - px(4)),
                    Qt::AlignHCenter, QString::number(layer));
    }
}

void SiteGrid::paintRow(QPainter& painter, int row) const
{
    const Theme& theme = Theme::current();
    const SiteGridRow& value = m_rows[static_cast<std::size_t>(row)];
    const QRect label(0, rowTop(row), labelWidth() - px(9), px(kCellHeight));
    painter.setPen(value.isAllowed ? theme.ink : theme.ink3);
    painter.drawText(label, Qt::AlignRight | Qt::AlignVCenter, value.label);
    for (int layer = 0; layer < m_layers; ++layer) {
        const Cell cell {row, layer};
        const QRectF rect(cellRect(cell));
        if (!value.isAllowed) {
            painter.setPen(QPen(theme.edge, 1.5));
            const double half = rect.width() / 4;
            painter.drawLine(rect.center() - QPointF(half, 0), rect.center() + QPointF(half, 0));
            continue;
        }
        bool shown = isOn(cell);
        if (m_dragFrom && row >= std::min(m_dragFrom->row, m_dragTo.row)
            && row <= std::max(m_dragFrom->row, m_dragTo.row)
            && layer >= std::min(m_dragFrom->layer, m_dragTo.layer)
            && layer <= std::max(m_dragFrom->layer, m_dragTo.layer))
            shown = m_dragIsOn;
        QColor fill = shown ? theme.accent : theme.panel;
        if (shown && layer != m_current.layer)
            fill.setAlphaF(0.82F); // the framed column is at full strength
        painter.setBrush(fill);
        painter.setPen(shown ? Qt::NoPen : QPen(theme.edge, 1));
        painter.drawRoundedRect(shown ? rect : rect.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    }
}

} // namespace tw
