// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/basic/panel.h"

#include "widgets/basic/text_label.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace tw {

QFrame* makeLine(Qt::Orientation orientation, QWidget* parent)
{
    auto* line = new QFrame(parent);
    line->setProperty("surface", QStringLiteral("line"));
    if (orientation == Qt::Horizontal)
        line->setFixedHeight(1);
    else
        line->setFixedWidth(1);
    return line;
}

Panel::Panel(const QString& title, QWidget* parent)
    : QFrame(parent)
    , m_all(new QVBoxLayout(this))
    , m_body(new QVBoxLayout)
{
    setProperty("surface", QStringLiteral("panel"));
    m_all->setContentsMargins(1, 1, 1, 1);
    m_all->setSpacing(0);

    m_head = new QWidget(this);
    m_head->setFixedHeight(px(40));
    m_headLayout = new QHBoxLayout(m_head);
    m_headLayout->setContentsMargins(px(16), 0, px(16), 0);
    m_headLayout->setSpacing(px(8));
    m_title = (new TextLabel(TextType::BodyStrong))->elided(); // the fact beside it stays whole
    m_title->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    m_fact = new TextLabel(TextType::Table, TextInk::Ink2);
    m_headLayout->addWidget(m_title);
    m_headLayout->addWidget(m_fact);
    m_headLayout->addStretch(1);
    m_all->addWidget(m_head);
    m_headLine = makeLine(Qt::Horizontal, this);
    m_headLine->hide();
    m_all->addWidget(m_headLine);

    m_body->setContentsMargins(px(16), px(8), px(16), px(16));
    m_body->setSpacing(px(8));
    m_all->addLayout(m_body, 1);
    setTitle(title);
}

void Panel::setTitle(const QString& title)
{
    m_title->setFullText(title);
    m_head->setVisible(!title.isEmpty());
    if (!title.isEmpty())
        setAccessibleName(title);
}

void Panel::setFact(const QString& fact)
{
    m_fact->setText(fact);
}

void Panel::addTool(QWidget* tool)
{
    m_headLayout->addWidget(tool);
}

void Panel::setHeadLine(bool isShown)
{
    m_headLine->setVisible(isShown);
}

void Panel::setBodyMargins(int left, int top, int right, int bottom)
{
    m_body->setContentsMargins(px(left), px(top), px(right), px(bottom));
}

QHBoxLayout* Panel::foot()
{
    if (m_foot == nullptr) {
        auto* frame = new QFrame(this);
        frame->setProperty("surface", QStringLiteral("foot"));
        m_foot = new QHBoxLayout(frame);
        m_foot->setContentsMargins(px(16), px(10), px(16), px(10));
        m_foot->setSpacing(px(12));
        m_all->addWidget(frame);
    }
    return m_foot;
}

} // namespace tw
