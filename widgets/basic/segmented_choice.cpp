// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/basic/segmented_choice.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPushButton>

namespace tw {

SegmentedChoice::SegmentedChoice(const QStringList& choices, const QString& what, QWidget* parent)
    : QWidget(parent)
    , m_group(new QButtonGroup(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    setAccessibleName(what);
    for (int i = 0; i < choices.size(); ++i) {
        auto* button = new QPushButton(choices[i], this);
        const bool isFirst = i == 0;
        const bool isLast = i + 1 == choices.size();
        button->setProperty("segment",
                            isFirst && isLast ? QStringLiteral("only")
                                : isFirst     ? QStringLiteral("first")
                                : isLast      ? QStringLiteral("last")
                                              : QStringLiteral("middle"));
        button->setCheckable(true);
        button->setChecked(isFirst);
        button->setAutoDefault(false);
        button->setAccessibleName(what + QStringLiteral(": ") + choices[i]);
        m_group->addButton(button, i);
        row->addWidget(button);
    }
    connect(m_group, &QButtonGroup::idClicked, this, &SegmentedChoice::chosen);
}

int SegmentedChoice::current() const
{
    return m_group->checkedId();
}

void SegmentedChoice::setCurrent(int index)
{
    if (QAbstractButton* button = m_group->button(index))
        button->setChecked(true);
}

void SegmentedChoice::setText(int index, const QString& text)
{
    if (QAbstractButton* button = m_group->button(index))
        button->setText(text);
}

void SegmentedChoice::explain(int index, const QString& tip)
{
    if (QAbstractButton* button = m_group->button(index)) {
        button->setToolTip(tip);
        button->setAccessibleDescription(tip);
    }
}

} // namespace tw
