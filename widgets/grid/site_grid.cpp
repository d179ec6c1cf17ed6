// SPDX-License-Identifier: GPL-3.0-or-later
// What a grid of sites holds, and what mouse and keyboard ask of it. Where its cells lie and how
// they are painted stands in site_grid_paint.cpp.
#include "widgets/grid/site_grid.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>

namespace tw {

SiteGrid::SiteGrid(QWidget* parent)
    : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Sites: rows are places in a block, columns are blocks"));
    setToolTip(
        tr("Click or drag to attach. Shift-click takes a whole row, a number above its column."));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void SiteGrid::setValue(const SiteGridValue& value)
{
    if (value == m_value)
        return;
    const bool isOtherShape =
        value.rows.size() != m_value.rows.size() || value.layers != m_value.layers;
    m_value = value;
    measureLabels();
    m_layer = std::clamp(m_layer, 0, std::max(0, value.layers - 1));
    if (rows() > 0)
        m_current = inside(m_current);
    if (isOtherShape)
        updateGeometry();
    update();
}

SiteGrid::Cell SiteGrid::inside(Cell cell) const
{
    cell.row = std::clamp(cell.row, 0, rows() - 1);
    const int last = static_cast<int>(row(cell.row).exists.size()) - 1;
    cell.layer = std::clamp(cell.layer, 0, std::max(0, last));
    return cell;
}

void SiteGrid::setCurrent(Cell cell)
{
    if (rows() == 0 || m_value.layers == 0)
        return;
    const Cell to = inside(cell);
    // A wide cell belongs to no layer: the drawing beside goes on showing the one before.
    const int layer = row(to.row).isWhole ? m_layer : to.layer;
    if (to == m_current && layer == m_layer)
        return;
    m_current = to;
    m_layer = layer;
    setAccessibleDescription(words(to));
    QAccessibleEvent event(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
    update();
    Q_EMIT currentChanged();
}

QString SiteGrid::words(Cell cell) const
{
    const SiteGridRow& at = row(cell.row);
    const QString place = at.isWhole ? at.label : tr("%1, block %2").arg(at.label).arg(cell.layer);
    const QString methods = ownersInWords(ownersAt(cell), m_value.owners);
    if (!methods.isEmpty())
        return tr("%1: %2").arg(place, methods);
    if (!exists(cell))
        return tr("%1: this block has none").arg(place);
    return at.isAllowed ? tr("%1: not trained").arg(place)
                        : tr("%1: %2 cannot sit here").arg(place, m_value.hand.title);
}

OwnerSet SiteGrid::ownersAt(Cell cell) const
{
    const std::vector<OwnerSet>& owners = row(cell.row).owners;
    const auto layer = static_cast<std::size_t>(cell.layer);
    return layer < owners.size() ? owners[layer] : 0;
}

bool SiteGrid::exists(Cell cell) const
{
    const std::vector<bool>& exists = row(cell.row).exists;
    const auto layer = static_cast<std::size_t>(cell.layer);
    return layer < exists.size() && exists[layer];
}

bool SiteGrid::isOn(Cell cell) const
{
    return (ownersAt(cell) & ownerBit(m_value.inHand)) != 0;
}

std::vector<SiteGrid::Cell> SiteGrid::between(Cell a, Cell b) const
{
    std::vector<Cell> cells;
    const auto [top, bottom] = std::minmax(a.row, b.row);
    const auto [first, last] = std::minmax(a.layer, b.layer);
    for (int at = top; at <= bottom; ++at) {
        // A wide cell is meant only where nothing else is.
        if (!row(at).isAllowed || (row(at).isWhole && top != bottom))
            continue;
        for (int layer = row(at).isWhole ? 0 : first; layer <= (row(at).isWhole ? 0 : last);
             ++layer) {
            if (exists({at, layer}))
                cells.push_back({at, layer});
        }
    }
    return cells;
}

std::vector<SiteGrid::Cell> SiteGrid::wholeRow(int at) const
{
    return between({at, 0}, {at, m_value.layers - 1});
}

std::vector<SiteGrid::Cell> SiteGrid::wholeColumn(int layer) const
{
    return between({0, layer}, {rows() - 1, layer});
}

void SiteGrid::toggle(const std::vector<Cell>& cells)
{
    if (cells.empty())
        return;
    const bool areAllOn =
        std::all_of(cells.begin(), cells.end(), [this](Cell cell) { return isOn(cell); });
    Q_EMIT edited(cells, !areAllOn);
}

void SiteGrid::act(Cell cell, Qt::KeyboardModifiers modifiers)
{
    if ((modifiers & Qt::ControlModifier) != 0 && !row(cell.row).isWhole)
        return toggle(wholeColumn(cell.layer));
    if (askForOwner(cell))
        return;
    toggle((modifiers & Qt::ShiftModifier) != 0 ? wholeRow(cell.row) : between(cell, cell));
}

bool SiteGrid::askForOwner(Cell cell)
{
    if (row(cell.row).isAllowed)
        return false;
    if (const std::vector<int> there = ownersIn(ownersAt(cell)); !there.empty())
        Q_EMIT ownerAsked(there.front());
    return true;
}

void SiteGrid::mousePressEvent(QMouseEvent* event)
{
    m_hasKeyboard = false;
    if (const auto layer = layerAbove(event->pos())) {
        setCurrent({row(m_current.row).isWhole ? 0 : m_current.row, *layer});
        return toggle(wholeColumn(*layer));
    }
    if (const auto at = rowBeside(event->pos())) {
        setCurrent({*at, m_layer});
        return toggle(wholeRow(*at));
    }
    const auto cell = cellAt(event->pos());
    if (!cell)
        return;
    setCurrent(*cell);
    const bool isPlain =
        (event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier)) == Qt::NoModifier;
    if (!isPlain || !row(cell->row).isAllowed)
        return act(*cell, event->modifiers());
    m_dragFrom = cell;
    m_dragTo = *cell;
    m_dragIsOn = !isOn(*cell);
    update();
}

void SiteGrid::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_dragFrom)
        return;
    const QPoint within(std::clamp(event->pos().x(), labelWidth(), width() - 1), event->pos().y());
    if (const auto cell = cellAt(within)) {
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
    if (rows() == 0 || m_value.layers == 0)
        return QWidget::keyPressEvent(event);
    m_hasKeyboard = true;
    Cell to {m_current.row, m_layer};
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
        to.layer = m_value.layers - 1;
        break;
    case Qt::Key_Space:
    case Qt::Key_Return:
        return act(m_current, event->modifiers());
    default:
        return QWidget::keyPressEvent(event);
    }
    setCurrent(to);
    update();
}

bool SiteGrid::event(QEvent* event)
{
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange
        || event->type() == QEvent::Polish)
        measureLabels();
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto cell = cellAt(help->pos());
    QToolTip::showText(help->globalPos(), cell ? words(*cell) : toolTip(), this);
    return true;
}

void SiteGrid::focusInEvent(QFocusEvent* event)
{
    m_hasKeyboard = event->reason() != Qt::MouseFocusReason;
    if (rows() > 0)
        setAccessibleDescription(words(m_current));
    QWidget::focusInEvent(event);
}

void SiteGrid::focusOutEvent(QFocusEvent* event)
{
    m_hasKeyboard = false;
    QWidget::focusOutEvent(event);
}

} // namespace tw
