// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page_stack.h"

namespace tw {

PageStack::PageStack(QWidget* parent)
    : QStackedWidget(parent)
{
    connect(this, &QStackedWidget::currentChanged, this, &QWidget::updateGeometry);
}

QSize PageStack::minimumSizeHint() const
{
    const QWidget* seen = currentWidget();
    return seen == nullptr ? QSize(0, 0) : seen->minimumSizeHint();
}

} // namespace tw
