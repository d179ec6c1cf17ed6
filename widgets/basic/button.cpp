// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/basic/button.h"

#include "widgets/theme/icon.h"
#include "widgets/theme/type.h"

namespace tw {
namespace {

QString nameOf(ButtonKind kind)
{
    switch (kind) {
    case ButtonKind::Primary:
        return QStringLiteral("primary");
    case ButtonKind::Secondary:
        return QStringLiteral("secondary");
    case ButtonKind::Small:
        return QStringLiteral("small");
    case ButtonKind::Flat:
        return QStringLiteral("flat");
    case ButtonKind::Chip:
        return QStringLiteral("chip");
    }
    return {};
}

} // namespace

QPushButton*
makeButton(const QString& text, ButtonKind kind, const QString& iconName, QWidget* parent)
{
    auto* button = new QPushButton(text, parent);
    button->setProperty("kind", nameOf(kind));
    button->setAutoDefault(false);
    if (kind == ButtonKind::Chip)
        button->setCheckable(true);
    if (!iconName.isEmpty()) {
        button->setIcon(
            lineIcon(iconName, kind == ButtonKind::Primary ? IconTone::OnAccent : IconTone::Ink));
        const int side = px(kind == ButtonKind::Small ? 14 : 16);
        button->setIconSize(QSize(side, side));
    }
    return button;
}

QPushButton* makeIconButton(const QString& iconName, const QString& what, QWidget* parent)
{
    QPushButton* button = makeButton({}, ButtonKind::Small, iconName, parent);
    button->setToolTip(what);
    button->setAccessibleName(what);
    return button;
}

} // namespace tw
