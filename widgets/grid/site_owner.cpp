// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/grid/site_owner.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QCoreApplication>
#include <QPainter>

namespace tw {
namespace {

constexpr float kWeak = 0.82F; // of the cells beside the framed column
constexpr int kStrokes = 4;

/// A stroke through the cell: none, rising, level, upright, then the same again.
void paintStroke(QPainter& painter, const QRectF& part, int owner)
{
    const QRectF inner = part.adjusted(1, 1, -1, -1);
    switch (owner % kStrokes) {
    case 1:
        return painter.drawLine(inner.bottomLeft(), inner.topRight());
    case 2:
        return painter.drawLine(QPointF(inner.left(), part.center().y()),
                                QPointF(inner.right(), part.center().y()));
    case 3:
        return painter.drawLine(QPointF(part.center().x(), inner.top()),
                                QPointF(part.center().x(), inner.bottom()));
    default:
        return;
    }
}

void paintMark(QPainter& painter, const QRectF& part, int owner, const SiteOwner& value)
{
    const QFontMetricsF metrics(painter.font());
    painter.setPen(QPen(Theme::textOn(value.color()), 1));
    if (part.width() >= metrics.horizontalAdvance(value.letter) + 2
        && part.height() >= metrics.capHeight() + 3)
        painter.drawText(part, Qt::AlignCenter, value.letter);
    else
        paintStroke(painter, part, owner);
}

} // namespace

QColor SiteOwner::color() const
{
    return Theme::current().series(line);
}

std::vector<int> ownersIn(OwnerSet set)
{
    std::vector<int> owners;
    for (int owner = 0; owner < kMostOwners; ++owner) {
        if ((set & ownerBit(owner)) != 0)
            owners.push_back(owner);
    }
    return owners;
}

QString ownersInWords(OwnerSet set, const std::vector<SiteOwner>& owners)
{
    QString words;
    for (const int owner : ownersIn(set)) {
        if (owner >= static_cast<int>(owners.size()))
            break;
        const QString& title = owners[static_cast<std::size_t>(owner)].title;
        words = words.isEmpty()
            ? title
            : QCoreApplication::translate("SiteOwner", "%1 and %2").arg(words, title);
    }
    return words;
}

void paintOwners(QPainter& painter,
                 const QRectF& cell,
                 OwnerSet set,
                 const std::vector<SiteOwner>& owners,
                 bool isStrong,
                 bool isMarked)
{
    const std::vector<int> here = ownersIn(set);
    const double height = cell.height() / static_cast<double>(here.size());
    QRectF part(cell.left(), cell.top(), cell.width(), height);
    for (const int owner : here) {
        if (owner >= static_cast<int>(owners.size()))
            return;
        const SiteOwner& value = owners[static_cast<std::size_t>(owner)];
        QColor fill = value.color();
        if (!isStrong)
            fill.setAlphaF(kWeak);
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawRoundedRect(part, 2, 2);
        if (isMarked && owners.size() > 1)
            paintMark(painter, part, owner, value);
        part.translate(0, height);
    }
}

} // namespace tw
