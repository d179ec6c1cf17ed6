// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/heat/similarity_map.h"

#include "widgets/heat/color_bar.h"
#include "widgets/theme/type.h"

#include <QHelpEvent>
#include <QLocale>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr int kNumbers = 24; // px at 100 %, at the left for row numbers
constexpr int kColorBar = 12;
constexpr int kColorBarNumbers = 36;

/// 1, 5, 10 ... and the last, counted from 1 as people count singular vectors.
std::vector<int> numbered(int size)
{
    std::vector<int> places {0};
    for (int i = 4; i < size - 2; i += 5)
        places.push_back(i);
    if (size > 1)
        places.push_back(size - 1);
    return places;
}

} // namespace

SimilarityMap::SimilarityMap(QWidget* parent)
    : Chart(parent)
{
    setFocusPolicy(Qt::StrongFocus);
}

void SimilarityMap::setData(SimilarityData data)
{
    m_data = std::move(data);
    QStringList marked;
    for (const int column : m_data.marked)
        marked << QString::number(column + 1);
    setAccessibleDescription(marked.isEmpty()
                                 ? tr("%1 vectors of A and B, none of them new").arg(m_data.size)
                                 : tr("%1 vectors of A and B; intruders: %2")
                                       .arg(m_data.size)
                                       .arg(marked.join(QStringLiteral(", "))));
    update();
}

QRectF SimilarityMap::mapIn(const QRectF& rect) const
{
    const double line = QFontMetricsF(textFont(TextType::Caption)).height();
    const double above = line + 6;
    const double below = line + 6;
    const double room = std::min(rect.width() - px(kNumbers + 2 * kColorBar + kColorBarNumbers),
                                 rect.height() - above - below);
    const int size = std::max(1, m_data.size);
    const double side = std::max(1.0, std::floor(room / size)) * size;
    return {rect.left() + px(kNumbers), rect.top() + above, side, side};
}

void SimilarityMap::draw(QPainter& painter, const QRectF& rect) const
{
    if (m_data.size == 0)
        return;
    painter.save();
    const QRectF map = mapIn(rect);
    const double cell = map.width() / m_data.size;
    const double line = QFontMetricsF(textFont(TextType::Caption)).height();
    painter.setFont(textFont(TextType::Caption));
    painter.setPen(colors().ink2);
    painter.drawText(QRectF(map.left() - px(kNumbers), rect.top(), rect.width(), line),
                     Qt::AlignLeft, tr("A’s vectors, down; B’s, across"));

    painter.setRenderHint(QPainter::Antialiasing, false);
    for (int row = 0; row < m_data.size; ++row)
        for (int column = 0; column < m_data.size; ++column)
            painter.fillRect(
                QRectF(map.left() + column * cell, map.top() + row * cell,
                       cell - (cell > 5 ? 1 : 0), cell - (cell > 5 ? 1 : 0)),
                colors().magnitude(
                    m_data.values[static_cast<std::size_t>(row * m_data.size + column)]));
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(colors().ink3);
    for (const int place : numbered(m_data.size)) {
        const QString number = QString::number(place + 1);
        drawTabular(painter,
                    QRectF(map.left() - px(kNumbers), map.top() + (place + 0.5) * cell - line / 2,
                           px(kNumbers) - 5, line),
                    Qt::AlignRight | Qt::AlignVCenter, number);
        drawTabular(
            painter,
            QRectF(map.left() + (place + 0.5) * cell - px(20), map.bottom() + 3, px(40), line),
            Qt::AlignCenter, number);
    }
    painter.setPen(QPen(colors().series(2), 2));
    painter.setBrush(Qt::NoBrush);
    for (const int column : m_data.marked)
        if (column < m_data.size)
            painter.drawRect(
                QRectF(map.left() + column * cell - 1, map.top() - 1, cell + 1, map.height() + 1));
    drawColorBar(painter,
                 QRectF(map.right() + px(kColorBar), map.top(), px(kColorBar - 2), map.height()),
                 {{0.0, QStringLiteral("0")},
                  {0.5, QLocale().toString(0.5, 'f', 1)},
                  {1.0, QStringLiteral("1")}},
                 colors());
    painter.restore();
}

void SimilarityMap::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    draw(painter, QRectF(rect()));
}

bool SimilarityMap::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return Chart::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QRectF map = mapIn(QRectF(rect()));
    if (m_data.size > 0 && map.contains(help->pos())) {
        const double cell = map.width() / m_data.size;
        const int row =
            std::min(m_data.size - 1, static_cast<int>((help->pos().y() - map.top()) / cell));
        const int column =
            std::min(m_data.size - 1, static_cast<int>((help->pos().x() - map.left()) / cell));
        const double value = m_data.values[static_cast<std::size_t>(row * m_data.size + column)];
        QToolTip::showText(help->globalPos(),
                           tr("A’s vector %1 and B’s %2: %3")
                               .arg(row + 1)
                               .arg(column + 1)
                               .arg(shortNumber(value, 2)),
                           this);
    } else {
        QToolTip::hideText();
    }
    return true;
}

DataTable SimilarityMap::table() const
{
    DataTable table;
    table.columns << tr("vector of A");
    for (int column = 0; column < m_data.size; ++column)
        table.columns << tr("B %1").arg(column + 1);
    for (int row = 0; row < m_data.size; ++row) {
        QStringList cells {QString::number(row + 1)};
        for (int column = 0; column < m_data.size; ++column)
            cells << cellText(m_data.values[static_cast<std::size_t>(row * m_data.size + column)]);
        table.rows.push_back(cells);
    }
    return table;
}

QSize SimilarityMap::sizeHint() const
{
    return {px(260), px(230)};
}

QSize SimilarityMap::minimumSizeHint() const
{
    return {px(180), px(150)};
}

} // namespace tw
