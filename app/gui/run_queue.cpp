// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/run_queue.h"

#include "app/gui/job_watcher.h"
#include "app/gui/session.h"

namespace tw {

RunQueue::RunQueue(Session& session)
    : m_session(session)
{
}

void RunQueue::startNext()
{
    if (isBusy() || m_isWindingDown || !m_session.project())
        return;
    const std::vector<std::int64_t> waiting = m_session.project()->queue();
    if (waiting.empty())
        Q_EMIT idle();
    else
        start(waiting.front());
}

void RunQueue::start(std::int64_t run)
{
    if (isBusy() || m_isWindingDown || !m_session.project())
        return;
    watch(m_session.workspace().train(m_session.project(), run), run);
}

void RunQueue::resumeRun(std::int64_t run)
{
    if (isBusy() || !m_session.project())
        return;
    watch(m_session.workspace().resume(m_session.project(), run), run);
}

void RunQueue::pause()
{
    if (!m_watcher)
        return;
    m_isPaused = true;
    m_watcher->control().pause();
}

void RunQueue::goOn()
{
    if (!m_watcher)
        return;
    m_isPaused = false;
    m_watcher->control().resume();
}

void RunQueue::stop()
{
    if (!m_watcher)
        return;
    m_isPaused = false;
    m_watcher->control().resume();
    m_watcher->control().stop();
}

void RunQueue::windDown()
{
    m_isWindingDown = true;
    stop();
}

void RunQueue::forget()
{
    delete m_watcher;
    const std::int64_t run = m_run;
    m_run = 0;
    m_isPaused = false;
    if (run != 0)
        Q_EMIT finished(run);
}

void RunQueue::watch(Job<RunSummary> job, std::int64_t run)
{
    m_run = run;
    m_isPaused = false;
    m_progress = Progress();
    m_watcher = new JobWatcher(std::move(job), [](const RunSummary&) { }, this);
    connect(m_watcher, &JobWatcher::progressed, this, [this, run](const Progress& progress) {
        m_progress = progress;
        Q_EMIT progressed(run, progress);
    });
    connect(
        m_watcher, &JobWatcher::failed, this,
        [this, run](const QString& what, const QString& hint) { Q_EMIT failed(run, what, hint); });
    connect(m_watcher, &JobWatcher::ended, this, &RunQueue::endRun);
    Q_EMIT started(run);
}

void RunQueue::endRun()
{
    const std::int64_t run = m_run;
    m_run = 0;
    m_isPaused = false;
    Q_EMIT finished(run);
    startNext();
}

} // namespace tw
