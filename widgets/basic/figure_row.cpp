// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/basic/figure_row.h"

#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace tw {

FigureRow::FigureRow(QWidget* parent)
    : QWidget(parent)
    , m_row(new QHBoxLayout(this))
{
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(0);
}

void FigureRow::setFigures(const std::vector<Figure>& figures)
{
    if (figures == m_figures)
        return;
    m_figures = figures;
    rebuild();
}

void FigureRow::setCompact(bool isCompact)
{
    m_isCompact = isCompact;
    rebuild();
}

void FigureRow::rebuild()
{
    while (QLayoutItem* item = m_row->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (std::size_t i = 0; i < m_figures.size(); ++i) {
        if (i > 0)
            m_row->addWidget(makeLine(Qt::Vertical, this));
        auto* cell = new QWidget(this);
        auto* column = new QVBoxLayout(cell);
        column->setContentsMargins(i == 0 && !m_isCompact ? 0 : px(12), px(6), px(12), px(6));
        column->setSpacing(0);
        const Figure& figure = m_figures[i];
        auto* value =
            new TextLabel(figure.value, m_isCompact ? TextType::TableStrong : TextType::Figure);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        column->addWidget(new TextLabel(figure.caption, TextType::Caption, TextInk::Ink3));
        column->addWidget(value);
        if (!figure.note.isEmpty())
            column->addWidget(new TextLabel(figure.note, TextType::Caption, TextInk::Ink3));
        column->addStretch(1);
        cell->setAccessibleName(figure.caption + QStringLiteral(": ") + figure.value);
        m_row->addWidget(cell, m_isCompact ? 0 : 1);
    }
    if (m_isCompact)
        m_row->addStretch(1);
}

} // namespace tw
