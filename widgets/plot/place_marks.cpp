// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot/place_marks.h"

namespace tw {

void PlaceMarks::set(const std::vector<std::pair<double, QString>>& marks,
                     const Theme& colors,
                     const QFont& font)
{
    for (QCPAbstractItem* item : m_items)
        m_plot.removeItem(item);
    m_items.clear();
    for (const auto& [place, title] : marks) {
        auto* line = new QCPItemStraightLine(&m_plot);
        line->point1->setTypeY(QCPItemPosition::ptAxisRectRatio);
        line->point2->setTypeY(QCPItemPosition::ptAxisRectRatio);
        line->point1->setCoords(place, 0.0);
        line->point2->setCoords(place, 1.0);
        line->setPen(QPen(colors.ink3, 1, Qt::DashLine));
        auto* name = new QCPItemText(&m_plot);
        name->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
        name->position->setCoords(place, 0.0);
        name->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
        name->setPadding({4, 0, 0, 0});
        name->setFont(font);
        name->setColor(colors.ink2);
        name->setText(title);
        m_items.push_back(line);
        m_items.push_back(name);
    }
}

} // namespace tw
