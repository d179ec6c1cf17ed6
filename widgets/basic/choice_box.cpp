// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/basic/choice_box.h"

#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QPainter>
#include <QWheelEvent>

namespace tw {

ChoiceBox::ChoiceBox(const QString& what, QWidget* parent)
    : QComboBox(parent)
{
    setAccessibleName(what);
    setFocusPolicy(Qt::StrongFocus);
    setSizeAdjustPolicy(QComboBox::AdjustToContents);
    connect(this, &QComboBox::activated, this, [this] { Q_EMIT chosen(currentId()); });
}

void ChoiceBox::addChoice(const QString& text, const QString& id)
{
    addItem(text, id);
}

QString ChoiceBox::currentId() const
{
    return currentData().toString();
}

bool ChoiceBox::setCurrentId(const QString& id)
{
    const int index = findData(id);
    const QSignalBlocker quiet(this);
    setCurrentIndex(index);
    return index >= 0;
}

void ChoiceBox::setSmall()
{
    setProperty("small", true);
}

void ChoiceBox::paintEvent(QPaintEvent* event)
{
    QComboBox::paintEvent(event);
    const Theme& theme = Theme::current();
    const int side = px(14);
    QPainter painter(this);
    painter.drawPixmap(width() - side - px(8), (height() - side) / 2,
                       linePixmap(QStringLiteral("chevron-down"), side,
                                  isEnabled() ? theme.ink2 : theme.ink3, devicePixelRatioF()));
}

void ChoiceBox::wheelEvent(QWheelEvent* event)
{
    event->ignore();
}

} // namespace tw
