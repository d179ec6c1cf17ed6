// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/rail.h"

#include "app/gui/page_list.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QButtonGroup>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

namespace tw {
namespace {

/// 64 x 56: icon 20 over a label; the chosen one on soft.
class RailButton final : public QToolButton
{
public:
    RailButton(const PageEntry& entry, QWidget* parent)
        : QToolButton(parent)
        , m_icon(entry.icon)
    {
        setText(entry.title);
        setCheckable(true);
        setFocusPolicy(Qt::TabFocus);
        setAccessibleName(entry.title);
        setToolTip(entry.shortcut.isEmpty()
                       ? entry.question
                       : entry.question + QStringLiteral("  ") + entry.shortcut);
    }
    QSize sizeHint() const override
    {
        const int wanted =
            QFontMetrics(textFont(TextType::Caption)).horizontalAdvance(text()) + px(8);
        return {qMax(px(64), wanted), px(56)};
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Theme& theme = Theme::current();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        if (isChecked() || underMouse()) {
            painter.setBrush(isChecked() ? theme.soft : theme.hover);
            painter.drawRoundedRect(QRectF(rect()), px(6), px(6));
        }
        const QColor ink = isChecked() ? theme.accent : theme.ink2;
        const int side = px(20);
        painter.drawPixmap((width() - side) / 2, px(9),
                           linePixmap(m_icon, side, ink, devicePixelRatioF()));
        QFont font = textFont(TextType::Caption);
        if (isChecked())
            font.setWeight(QFont::DemiBold);
        painter.setFont(font);
        painter.setPen(ink);
        painter.drawText(rect().adjusted(0, px(32), 0, -px(4)), Qt::AlignHCenter | Qt::AlignVCenter,
                         text());
    }

private:
    QString m_icon;
};

class Mark final : public QWidget
{
public:
    explicit Mark(QWidget* parent)
        : QWidget(parent)
    {
        setFixedHeight(px(44));
        setAccessibleName(QStringLiteral("Tunewright"));
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        const int side = px(24);
        painter.drawPixmap(
            (width() - side) / 2, (height() - side) / 2 + px(3),
            linePixmap(QStringLiteral("mark"), side, Theme::current().accent, devicePixelRatioF()));
    }
};

} // namespace

Rail::Rail(QWidget* parent)
    : QWidget(parent)
    , m_group(new QButtonGroup(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(4), 0, px(3), px(4));
    column->setSpacing(px(4));
    column->addWidget(new Mark(this));
    for (const PageEntry& entry : pageEntries()) {
        if (entry.id == PageId::Settings)
            column->addStretch(1);
        auto* button = new RailButton(entry, this);
        m_group->addButton(button, static_cast<int>(entry.id));
        column->addWidget(button);
    }
    connect(m_group, &QButtonGroup::idClicked, this,
            [this](int id) { Q_EMIT chosen(static_cast<PageId>(id)); });
    connect(m_group, &QButtonGroup::idToggled, this, qOverload<>(&QWidget::update));
    setAccessibleName(tr("Pages"));
}

void Rail::setCurrent(PageId page)
{
    if (QAbstractButton* button = m_group->button(static_cast<int>(page)))
        button->setChecked(true);
}

void Rail::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.fillRect(rect(), theme.rail);
    painter.fillRect(QRect(width() - 1, 0, 1, height()), theme.line);
    if (const QAbstractButton* button = m_group->checkedButton()) {
        const QRect at = button->geometry();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.accent);
        painter.drawRoundedRect(QRectF(-3, at.top() + px(12), 6, at.height() - px(24)), 2, 2);
    }
}

} // namespace tw
