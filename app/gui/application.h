// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>

namespace tw {

/// The outermost event handler: turns what core throws into a message, and measures how long the
/// GUI thread is blocked (TW_WATCHDOG=1 logs whatever takes over 50 ms).
class Application final : public QApplication
{
    Q_OBJECT

public:
    Application(int& argc, char** argv);
    bool notify(QObject* receiver, QEvent* event) override;
    /// The longest time that one event has blocked the GUI thread so far, in milliseconds.
    qint64 longestPause() const { return m_longestPause; }
    /// From now on only.
    void forgetPauses() { m_longestPause = 0; }

Q_SIGNALS:
    void failed(const QString& what, const QString& hint);

private:
    bool deliver(QObject* receiver, QEvent* event);

    bool m_isWatched = false;
    int m_depth = 0;
    qint64 m_longestPause = 0;
};

} // namespace tw
