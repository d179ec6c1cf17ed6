// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStackedWidget>

namespace tw {

/// Pages of which one is seen. Asks for the room of that one alone: a page that was only prepared
/// must not make the window grow.
class PageStack final : public QStackedWidget
{
    Q_OBJECT

public:
    explicit PageStack(QWidget* parent = nullptr);
    QSize minimumSizeHint() const override;
};

} // namespace tw
