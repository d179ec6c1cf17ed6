// SPDX-License-Identifier: GPL-3.0-or-later
// Where the cells of a grid of sites lie, and how they are painted.
#include "widgets/grid/site_grid.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr int kRowHeight = 18; // pixels at 100 %, with the gap
constexpr int kCellHeight = 16;
constexpr int kNumbers = 20; // the numbers above
constexpr int kGroupGap = 5;
constexpr int kMark = 12; // of a row with a problem
constexpr double kSmallestCell = 4.0;
constexpr double kLargestCell = 64.0;
constexpr int kNumberEvery = 5;
constexpr double kNarrow = 5.0; // below, only each second of these numbers has room

} // namespace

void SiteGrid::measureLabels()
{
    const QFontMetrics metrics(textFont(TextType::Caption));
    int widest = px(48);
    for (const SiteGridRow& at : m_value.rows)
        widest = std::max(
            widest, metrics.horizontalAdvance(at.label) + (at.hasProblem ? px(kMark + 3) : 0));
    m_labelWidth = widest + px(9);
}

double SiteGrid::cellWidth() const
{
    if (m_value.layers == 0)
        return 0.0;
    return std::clamp((width() - labelWidth()) / static_cast<double>(m_value.layers), kSmallestCell,
                      double(px(kLargestCell)));
}

int SiteGrid::rowTop(int at) const
{
    int top = px(kNumbers) + at * px(kRowHeight);
    for (int i = 1; i <= at; ++i) {
        if (row(i).group != row(i - 1).group)
            top += px(kGroupGap);
    }
    return top;
}

QRect SiteGrid::cellRect(Cell cell) const
{
    if (row(cell.row).isWhole) {
        const int right =
            labelWidth() + static_cast<int>(std::lround(cellWidth() * m_value.layers)) - 1;
        return {labelWidth(), rowTop(cell.row), right - labelWidth(), px(kCellHeight)};
    }
    const double left = labelWidth() + cell.layer * cellWidth();
    const int gap = cellWidth() > 8.0 ? 1 : 0;
    const int x = static_cast<int>(std::lround(left));
    const int next = static_cast<int>(std::lround(left + cellWidth()));
    return {x, rowTop(cell.row), next - x - gap, px(kCellHeight)};
}

QSize SiteGrid::sizeHint() const
{
    const int height = rows() == 0 ? px(60) : rowTop(rows() - 1) + px(kRowHeight) + px(4);
    return {labelWidth() + px(13) * std::max(1, m_value.layers), height};
}

QSize SiteGrid::minimumSizeHint() const
{
    return {labelWidth() + static_cast<int>(kSmallestCell) * m_value.layers, sizeHint().height()};
}

std::optional<SiteGrid::Cell> SiteGrid::cellAt(QPoint at) const
{
    if (at.x() < labelWidth() || cellWidth() <= 0.0)
        return std::nullopt;
    const int layer = static_cast<int>((at.x() - labelWidth()) / cellWidth());
    for (int i = 0; i < rows(); ++i) {
        if (layer < m_value.layers && at.y() >= rowTop(i) && at.y() < rowTop(i) + px(kRowHeight))
            return Cell {i, row(i).isWhole ? 0 : layer};
    }
    return std::nullopt;
}

std::optional<int> SiteGrid::layerAbove(QPoint at) const
{
    if (at.y() >= px(kNumbers) || at.x() < labelWidth() || cellWidth() <= 0.0)
        return std::nullopt;
    const int layer = static_cast<int>((at.x() - labelWidth()) / cellWidth());
    return layer < m_value.layers ? std::optional(layer) : std::nullopt;
}

std::optional<int> SiteGrid::rowBeside(QPoint at) const
{
    if (at.x() >= labelWidth())
        return std::nullopt;
    const auto cell = cellAt(QPoint(labelWidth(), at.y()));
    return cell ? std::optional(cell->row) : std::nullopt;
}

bool SiteGrid::isDraggedOver(Cell cell) const
{
    if (!m_dragFrom)
        return false;
    const auto [top, bottom] = std::minmax(m_dragFrom->row, m_dragTo.row);
    const auto [first, last] = std::minmax(m_dragFrom->layer, m_dragTo.layer);
    const SiteGridRow& value = row(cell.row);
    return cell.row >= top && cell.row <= bottom && value.isAllowed
        && (value.isWhole ? top == bottom : cell.layer >= first && cell.layer <= last);
}

void SiteGrid::paintEvent(QPaintEvent*)
{
    if (rows() == 0 || m_value.layers == 0)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(textFont(TextType::Caption));
    paintNumbers(painter);
    for (int at = 0; at < rows(); ++at)
        paintRow(painter, at);
    paintFrames(painter);
}

void SiteGrid::paintNumbers(QPainter& painter) const
{
    painter.setPen(Theme::current().ink3);
    const int layers = m_value.layers;
    const int every = cellWidth() < kNarrow ? 2 * kNumberEvery : kNumberEvery;
    for (int layer = 0; layer < layers; ++layer) {
        const bool isLast = layer == layers - 1;
        const bool crowdsLast =
            !isLast && (layers - 1 - layer) * cellWidth() < px(22) && layer % every == 0;
        if ((layer % every != 0 && !isLast) || crowdsLast)
            continue;
        const QString number = QString::number(layer);
        // In narrow cells the last number is wider than its own and would leave the grid.
        const double most = width() - painter.fontMetrics().horizontalAdvance(number) / 2.0 - 1;
        const double center = std::min(labelWidth() + (layer + 0.5) * cellWidth(), most);
        drawTabular(painter, QRectF(center - px(20), 0, px(40), px(kNumbers) - px(4)),
                    Qt::AlignHCenter, number);
    }
}

void SiteGrid::paintRow(QPainter& painter, int at) const
{
    paintLabel(painter, at);
    const SiteGridRow& value = row(at);
    for (int layer = 0; layer < static_cast<int>(value.exists.size()); ++layer) {
        if (value.exists[static_cast<std::size_t>(layer)])
            paintCell(painter, {at, layer});
    }
    if (!value.isWhole || value.words.isEmpty())
        return;
    const QRectF rect(cellRect({at, 0}));
    const std::vector<int> here = ownersIn(ownersAt({at, 0}));
    const bool isFilled = !here.empty() && here.front() < static_cast<int>(m_value.owners.size());
    QString words = value.words;
    if (isFilled) {
        const SiteOwner& owner = m_value.owners[static_cast<std::size_t>(here.front())];
        painter.setPen(Theme::textOn(owner.color()));
        if (m_value.owners.size() > 1)
            words = owner.letter + QStringLiteral(" · ") + words;
    } else {
        painter.setPen(Theme::current().ink3);
    }
    painter.drawText(rect, Qt::AlignCenter,
                     painter.fontMetrics().elidedText(words, Qt::ElideRight,
                                                      static_cast<int>(rect.width()) - px(8)));
}

void SiteGrid::paintLabel(QPainter& painter, int at) const
{
    const Theme& theme = Theme::current();
    const SiteGridRow& value = row(at);
    const bool isUsed = std::any_of(value.owners.begin(), value.owners.end(),
                                    [](OwnerSet set) { return set != 0; });
    const QRect room(0, rowTop(at), labelWidth() - px(9), px(kCellHeight));
    painter.setPen(value.hasProblem                ? theme.error
                       : value.isAllowed || isUsed ? theme.ink
                                                   : theme.ink3);
    painter.drawText(room, Qt::AlignRight | Qt::AlignVCenter, value.label);
    if (!value.hasProblem)
        return;
    const int side = px(kMark);
    const int left =
        room.right() - painter.fontMetrics().horizontalAdvance(value.label) - side - px(3);
    painter.drawPixmap(left, room.top() + (room.height() - side) / 2,
                       linePixmap(QStringLiteral("error"), side, theme.error, devicePixelRatioF()));
}

void SiteGrid::paintCell(QPainter& painter, Cell cell) const
{
    const Theme& theme = Theme::current();
    const SiteGridRow& value = row(cell.row);
    const QRectF rect(cellRect(cell));
    OwnerSet owners = ownersAt(cell);
    const bool isDragged = isDraggedOver(cell);
    if (isDragged && !m_dragIsOn)
        owners &= ~ownerBit(m_value.inHand);
    if (isDragged && m_dragIsOn) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_value.hand.color());
        return painter.drawRoundedRect(rect, 2, 2);
    }
    if (owners != 0)
        return paintOwners(painter, rect, owners, m_value.owners,
                           cell.layer == m_layer && !value.isWhole,
                           !value.isWhole || value.words.isEmpty());
    if (!value.isAllowed) {
        painter.setPen(QPen(theme.edge, 1.5));
        const double half = value.isWhole ? px(5) : rect.width() / 4;
        painter.drawLine(rect.center() - QPointF(half, 0), rect.center() + QPointF(half, 0));
        return;
    }
    painter.setBrush(theme.panel);
    painter.setPen(QPen(theme.edge, 1, value.isWhole ? Qt::DashLine : Qt::SolidLine));
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
}

void SiteGrid::paintFrames(QPainter& painter) const
{
    const Theme& theme = Theme::current();
    painter.setBrush(Qt::NoBrush);
    int last = rows() - 1;
    while (last > 0 && row(last).isWhole)
        --last;
    // The block that the drawing beside shows, framed from top to bottom.
    const QRect top = cellRect({0, m_layer});
    const QRect column(top.topLeft(), cellRect({last, m_layer}).bottomRight());
    painter.setPen(QPen(theme.ink, 1.5));
    painter.drawRoundedRect(QRectF(column).adjusted(-1.5, -4, 1.5, 4), 3, 3);
    if (!m_hasKeyboard)
        return;
    painter.setPen(QPen(theme.accent, 2));
    painter.drawRoundedRect(QRectF(cellRect(m_current)).adjusted(-2, -2, 2, 2), 3, 3);
}

} // namespace tw
