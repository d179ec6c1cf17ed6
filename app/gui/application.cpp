// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"

#include "core/base/error.h"

#include <QElapsedTimer>
#include <QEvent>
#include <QThread>

#include <cstdio>

namespace tw {
namespace {

constexpr qint64 kNoticeable = 50; // milliseconds; a person feels a longer pause under the hand

} // namespace

Application::Application(int& argc, char** argv)
    : QApplication(argc, argv)
    , m_isWatched(qEnvironmentVariableIntValue("TW_WATCHDOG") != 0)
{
    setApplicationName(QStringLiteral("tunewright"));
    setOrganizationName(QStringLiteral("tunewright"));
    setApplicationDisplayName(QStringLiteral("Tunewright"));
    setDesktopFileName(QStringLiteral("org.tunewright.Tunewright"));
    setApplicationVersion(QStringLiteral(TW_VERSION));
}

bool Application::notify(QObject* receiver, QEvent* event)
{
    // Qt delivers the events of other threads through here, too; a person only waits for this one.
    if (QThread::currentThread() != thread())
        return deliver(receiver, event);
    // The receiver may be gone afterwards: its name is taken before.
    const char* name = receiver->metaObject()->className();
    const int type = event->type();
    const bool isOutermost = ++m_depth == 1;
    QElapsedTimer clock;
    clock.start();
    const bool isDone = deliver(receiver, event);
    --m_depth;
    if (!isOutermost)
        return isDone;
    m_longestPause = qMax(m_longestPause, clock.elapsed());
    if (m_isWatched && clock.elapsed() > kNoticeable)
        std::fprintf(stderr, "watchdog: %lld ms in %s, event %d\n",
                     static_cast<long long>(clock.elapsed()), name, type);
    return isDone;
}

bool Application::deliver(QObject* receiver, QEvent* event)
{
    try {
        return QApplication::notify(receiver, event);
    } catch (const Cancelled&) { // somebody asked for it
    } catch (const Error& error) {
        Q_EMIT failed(QString::fromUtf8(error.what()), QString::fromStdString(error.hint()));
    } catch (const std::exception& error) {
        Q_EMIT failed(QString::fromUtf8(error.what()), {});
    }
    return false;
}

} // namespace tw
