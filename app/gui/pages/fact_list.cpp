// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/fact_list.h"

#include "widgets/basic/text_label.h"

#include <QGridLayout>

namespace tw {

FactList::FactList(QWidget* parent)
    : QWidget(parent)
    , m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(px(12));
    m_grid->setVerticalSpacing(px(8));
    m_grid->setColumnStretch(1, 1);
}

void FactList::setFacts(const std::vector<Fact>& facts)
{
    if (facts == m_facts)
        return;
    m_facts = facts;
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int row = 0;
    for (const Fact& fact : m_facts) {
        auto* label = new TextLabel(fact.label, TextType::Table, TextInk::Ink2, this);
        auto* value =
            (new TextLabel(fact.value, TextType::TableStrong, TextInk::Ink, this))->wrapped();
        value->setAlignment(Qt::AlignRight | Qt::AlignTop);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setBuddy(value);
        label->setToolTip(fact.help);
        value->setToolTip(fact.help);
        value->setAccessibleDescription(fact.help);
        m_grid->addWidget(label, row, 0, Qt::AlignTop);
        m_grid->addWidget(value, row, 1);
        ++row;
    }
}

} // namespace tw
