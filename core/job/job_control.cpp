// SPDX-License-Identifier: Apache-2.0
#include "core/job/job_control.h"

#include "core/base/error.h"

namespace tw {
namespace {

// Before this much work time the rate is noise: the first step of a run also warms caches and
// allocators.
constexpr double kShortestRateSeconds = 0.2;

} // namespace

void JobControl::report(const std::string& stage, std::int64_t done, std::int64_t total)
{
    const std::lock_guard lock(m_mutex);
    const auto now = Clock::now();
    if (stage != m_progress.stage || done < m_progress.done) {
        m_stageStart = now;
        m_stageFirst = done;
        m_pausedTime = {};
    }
    m_progress.stage = stage;
    m_progress.done = done;
    m_progress.total = total;
    const double seconds = std::chrono::duration<double>(now - m_stageStart - m_pausedTime).count();
    const auto count = static_cast<double>(done - m_stageFirst);
    const bool isKnown = seconds >= kShortestRateSeconds && count > 0;
    m_progress.rate = isKnown ? count / seconds : 0.0;
    m_progress.remainingSeconds =
        isKnown && total > 0 ? static_cast<double>(total - done) / m_progress.rate : -1.0;
}

bool JobControl::stopAsked() const
{
    const std::lock_guard lock(m_mutex);
    return m_stopAsked;
}

bool JobControl::pauseAsked() const
{
    const std::lock_guard lock(m_mutex);
    return m_isPaused;
}

void JobControl::throwIfCancelled()
{
    std::unique_lock lock(m_mutex);
    if (m_isPaused && !m_cancelAsked && !m_stopAsked) {
        const auto from = Clock::now();
        const JobState before = m_progress.state;
        m_progress.state = JobState::Paused;
        m_changed.wait(lock, [this] { return !m_isPaused || m_cancelAsked || m_stopAsked; });
        m_progress.state = before;
        m_pausedTime += Clock::now() - from;
    }
    if (m_cancelAsked)
        throw Cancelled();
}

Progress JobControl::progress() const
{
    const std::lock_guard lock(m_mutex);
    return m_progress;
}

void JobControl::stop()
{
    const std::lock_guard lock(m_mutex);
    m_stopAsked = true;
    m_changed.notify_all();
}

void JobControl::cancel()
{
    const std::lock_guard lock(m_mutex);
    m_cancelAsked = true;
    m_changed.notify_all();
}

void JobControl::pause()
{
    const std::lock_guard lock(m_mutex);
    m_isPaused = true;
}

void JobControl::resume()
{
    const std::lock_guard lock(m_mutex);
    m_isPaused = false;
    m_changed.notify_all();
}

void JobControl::setState(JobState state)
{
    const std::lock_guard lock(m_mutex);
    m_progress.state = state;
}

void JobControl::setFailed(const std::string& what, const std::string& hint)
{
    const std::lock_guard lock(m_mutex);
    m_progress.state = JobState::Failed;
    m_progress.what = what;
    m_progress.hint = hint;
}

} // namespace tw
