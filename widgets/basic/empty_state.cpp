// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/basic/empty_state.h"

#include "widgets/basic/button.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace tw {
namespace {

/// The icon, large, half out of a dashed box: something could be here.
class Drawing final : public QWidget
{
public:
    Drawing(QString iconName, QWidget* parent)
        : QWidget(parent)
        , m_iconName(std::move(iconName))
    {
        setFixedSize(px(80), px(80));
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Theme& theme = Theme::current();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(theme.edge, 1.4, Qt::DashLine));
        painter.drawRoundedRect(QRectF(px(2), px(20), px(76), px(56)), px(6), px(6));
        const int side = px(44);
        const QRect place((width() - side) / 2, px(4), side, side);
        painter.fillRect(place.adjusted(0, side / 3, 0, 0), theme.panel);
        painter.drawPixmap(place, linePixmap(m_iconName, side, theme.accent, devicePixelRatioF()));
    }

private:
    QString m_iconName;
};

} // namespace

EmptyState::EmptyState(const QString& iconName,
                       const QString& title,
                       const QString& text,
                       QWidget* parent)
    : QFrame(parent)
    , m_column(new QVBoxLayout(this))
    , m_buttons(new QHBoxLayout)
{
    setProperty("surface", QStringLiteral("panel"));
    m_column->setContentsMargins(px(16), px(72), px(16), px(32));
    m_column->setSpacing(px(8));
    m_column->addWidget(new Drawing(iconName, this), 0, Qt::AlignHCenter);
    m_column->addSpacing(px(12));
    auto* head = new TextLabel(title, TextType::Title);
    head->setAlignment(Qt::AlignCenter);
    auto* body = (new TextLabel(text, TextType::Body, TextInk::Ink2))->wrapped();
    body->setAlignment(Qt::AlignCenter);
    body->setFixedWidth(px(480));
    body->setMinimumHeight(body->heightForWidth(px(480))); // or a layout may cut off its lines
    m_column->addWidget(head);
    m_column->addWidget(body, 0, Qt::AlignHCenter);
    m_column->addSpacing(px(8));
    m_buttons->setSpacing(px(8));
    m_buttons->addStretch(1);
    m_buttons->addStretch(1);
    m_column->addLayout(m_buttons);
    m_more = new QVBoxLayout;
    m_column->addLayout(m_more);
    m_column->addStretch(1);
    setAccessibleName(title);
    setAccessibleDescription(text);
}

QPushButton* EmptyState::addButton(const QString& text, const QString& iconName)
{
    QPushButton* button = makeButton(
        text, m_count == 0 ? ButtonKind::Primary : ButtonKind::Secondary, iconName, this);
    m_buttons->insertWidget(++m_count, button);
    return button;
}

QVBoxLayout* EmptyState::more()
{
    if (m_more->isEmpty()) {
        m_more->setContentsMargins(px(120), px(40), px(120), 0);
        m_more->addWidget(makeLine(Qt::Horizontal, this));
        m_more->addSpacing(px(16));
    }
    return m_more;
}

} // namespace tw
