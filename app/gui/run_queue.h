// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/job.h"
#include "core/workbench/values.h"

#include <QObject>
#include <QPointer>

#include <cstdint>

namespace tw {

class JobWatcher;
class Session;

/// Works off the open project's queued runs, one after the other.
class RunQueue final : public QObject
{
    Q_OBJECT

public:
    explicit RunQueue(Session& session);

    bool isBusy() const { return m_run != 0; }
    std::int64_t currentRun() const { return m_run; } ///< 0: none
    const Progress& progress() const { return m_progress; }
    bool isPaused() const { return m_isPaused; }

    void startNext(); ///< begins with the first queued run unless one runs already
    void start(std::int64_t run); ///< this queued one; it keeps its place while another runs
    void resumeRun(std::int64_t run); ///< goes on with an interrupted or stopped run
    void pause();
    void goOn();
    void stop(); ///< ends the run after its step; what it has learned is kept
    void windDown(); ///< stops and starts nothing more: the window is about to close
    void forget(); ///< lets go of everything: another project was opened

Q_SIGNALS:
    void started(qint64 run);
    void progressed(qint64 run, const tw::Progress& progress);
    void finished(qint64 run);
    void failed(qint64 run, const QString& what, const QString& hint);
    void idle();

private:
    void watch(Job<RunSummary> job, std::int64_t run);
    void endRun();

    Session& m_session;
    QPointer<JobWatcher> m_watcher;
    std::int64_t m_run = 0;
    Progress m_progress;
    bool m_isPaused = false;
    bool m_isWindingDown = false;
};

} // namespace tw
