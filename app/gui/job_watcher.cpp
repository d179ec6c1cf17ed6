// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/job_watcher.h"

#include "core/base/error.h"

#include <QString>

namespace tw {

JobWatcher::~JobWatcher()
{
    m_control->cancel();
}

void JobWatcher::finish(const std::function<void()>& publish)
{
    m_timer.stop();
    const QPointer<JobWatcher> self(this); // done() may ask anew, which deletes this watcher
    try {
        publish();
    } catch (const Cancelled&) { // somebody asked for it: nothing to report
    } catch (const Error& error) {
        if (self)
            Q_EMIT failed(QString::fromUtf8(error.what()), QString::fromStdString(error.hint()));
    } catch (const std::exception& error) {
        const Progress last = self ? m_control->progress() : Progress();
        const bool isExplained = !last.what.empty();
        if (self)
            Q_EMIT failed(isExplained ? QString::fromStdString(last.what)
                                      : QString::fromUtf8(error.what()),
                          QString::fromStdString(last.hint));
    }
    if (!self)
        return;
    Q_EMIT ended();
    if (self) {
        setParent(nullptr); // no longer counts as work of its owner
        deleteLater();
    }
}

} // namespace tw
