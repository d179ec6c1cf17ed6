// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

class QFocusFrame;

namespace tw {

/// Puts a ring around the button that has the keyboard; clicking shows none.
class FocusRing final : public QObject
{
    Q_OBJECT

public:
    explicit FocusRing(QObject* parent);
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QPointer<QFocusFrame> m_frame;
};

} // namespace tw
