// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>

#include <cstdint>
#include <vector>

class QPainter;
class QRectF;

namespace tw {

/// A method of the experiment as the grid and the drawing of a block show it.
struct SiteOwner
{
    QString title; ///< "LoRA"
    QString letter; ///< "A": stands beside its colour wherever there is room
    int line = 1; ///< its colour: one of the theme's lines

    QColor color() const;
    bool operator==(const SiteOwner&) const = default;
};

/// Which methods sit at a site: a bit for each, in the order of the experiment.
using OwnerSet = std::uint64_t;
constexpr int kMostOwners = 64;

constexpr OwnerSet ownerBit(int owner)
{
    return owner < 0 || owner >= kMostOwners ? 0 : OwnerSet {1} << owner;
}

/// The methods in a set, lowest first.
std::vector<int> ownersIn(OwnerSet set);
/// "LoRA and IA3"; empty where the set is.
QString ownersInWords(OwnerSet set, const std::vector<SiteOwner>& owners);

/// Fills a cell with the colours of its methods, one above the other. From the second method of an
/// experiment on, a marked cell also carries the letter, or where that does not fit a stroke of the
/// method's own, so that colour never stands alone; one with words of its own says it there.
void paintOwners(QPainter& painter,
                 const QRectF& cell,
                 OwnerSet set,
                 const std::vector<SiteOwner>& owners,
                 bool isStrong,
                 bool isMarked);

} // namespace tw
