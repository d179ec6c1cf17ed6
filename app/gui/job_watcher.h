// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/job.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace tw {

/// Brings a core job into the GUI thread. Core never calls Qt: the window asks, 20 times a second,
/// so work that reports a thousand steps a second cannot flood the event queue.
class JobWatcher final : public QObject
{
    Q_OBJECT

public:
    /// done(result) runs in the GUI thread; never once owner is gone. It must not delete owner.
    template <typename T, typename Done>
    JobWatcher(Job<T> job, Done done, QObject* owner)
        : QObject(owner)
        , m_control(job.control)
    {
        connect(&m_timer, &QTimer::timeout, this, [this, job, done] {
            Q_EMIT progressed(m_control->progress());
            if (job.ready())
                finish([&] { deliver(job, done); });
        });
        m_timer.start(std::chrono::milliseconds(50));
    }
    ~JobWatcher() override; ///< cancels: nobody is left to want the result
    JobControl& control() { return *m_control; }

Q_SIGNALS:
    void progressed(const tw::Progress& progress);
    void failed(const QString& what, const QString& hint);
    void ended(); ///< in any way, after done() or failed()

private:
    template <typename T, typename Done>
    static void deliver(const Job<T>& job, const Done& done)
    {
        if constexpr (std::is_void_v<T>) {
            job.result.get();
            done();
        } else {
            done(job.result.get()); // rethrows here what the work threw there
        }
    }
    void finish(const std::function<void()>& publish);

    std::shared_ptr<JobControl> m_control;
    QTimer m_timer;
};

/// A question of which only the newest matters: asking again drops the earlier job and its answer.
class LatestJob final
{
public:
    template <typename T, typename Done>
    JobWatcher* start(Job<T> job, Done done, QObject* owner)
    {
        drop();
        m_watcher = new JobWatcher(std::move(job), std::move(done), owner);
        return m_watcher;
    }
    void drop()
    {
        delete m_watcher;
        m_watcher = nullptr;
    }
    bool isRunning() const { return !m_watcher.isNull(); }

private:
    QPointer<JobWatcher> m_watcher;
};

} // namespace tw
