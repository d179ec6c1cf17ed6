// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/step_card.h"

#include "widgets/basic/chip.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace tw {
namespace {

/// A round soft spot with a tick once the step is done.
class Tick final : public QWidget
{
public:
    explicit Tick(QWidget* parent)
        : QWidget(parent)
    {
        setFixedSize(px(20), px(20));
    }
    bool isDone = false;

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Theme& theme = Theme::current();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(isDone ? Qt::NoPen : QPen(theme.edge, 1, Qt::DashLine));
        painter.setBrush(isDone ? theme.soft : theme.panel);
        painter.drawEllipse(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
        if (!isDone)
            return;
        const int side = px(12);
        painter.drawPixmap(
            (width() - side) / 2, (height() - side) / 2,
            linePixmap(QStringLiteral("check"), side, theme.accent, devicePixelRatioF()));
    }
};

} // namespace

StepCard::StepCard(const QString& title, QWidget* parent)
    : QFrame(parent)
    , m_tick(new Tick(this))
    , m_choice(new TextLabel(TextType::Body))
    , m_facts((new TextLabel(TextType::Table, TextInk::Ink2))->elided())
    , m_chip(new Chip({}, Chip::Kind::Warn, this))
    , m_head(new QHBoxLayout)
    , m_all(new QVBoxLayout(this))
{
    setProperty("surface", QStringLiteral("panel"));
    setAccessibleName(title);
    m_all->setContentsMargins(px(16), 0, px(16), 0);
    m_all->setSpacing(0);
    auto* head = new QWidget(this);
    head->setFixedHeight(px(46));
    head->setLayout(m_head);
    m_head->setContentsMargins(0, 0, 0, 0);
    m_head->setSpacing(px(12));
    m_head->addWidget(m_tick);
    auto* name = new TextLabel(title, TextType::BodyStrong);
    name->setMinimumWidth(px(68));
    m_head->addWidget(name);
    m_head->addWidget(m_choice);
    m_head->addWidget(m_facts, 1);
    m_head->addWidget(m_chip);
    m_chip->hide();
    m_choice->hide();
    m_all->addWidget(head);
}

void StepCard::setChosen(const QString& choice, const QString& facts)
{
    m_choice->setText(choice);
    m_choice->setVisible(!choice.isEmpty());
    m_facts->setFullText(facts);
}

void StepCard::setDone(bool isDone)
{
    static_cast<Tick*>(m_tick)->isDone = isDone;
    m_tick->update();
}

void StepCard::setChip(const QString& warning)
{
    m_chip->set(warning, Chip::Kind::Warn);
    m_chip->setVisible(!warning.isEmpty());
}

void StepCard::addTool(QWidget* tool)
{
    m_head->addWidget(tool);
}

QVBoxLayout* StepCard::body()
{
    if (m_body == nullptr) {
        m_body = new QVBoxLayout;
        m_body->setContentsMargins(0, 0, 0, px(14));
        m_body->setSpacing(px(10));
        m_all->addLayout(m_body);
    }
    return m_body;
}

} // namespace tw
