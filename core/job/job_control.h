// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

namespace tw {

enum class JobState
{
    Queued,
    Running,
    Paused,
    Finished,
    Stopped,
    Failed,
    Cancelled
};

/// How far a piece of work is, as a plain value.
struct Progress
{
    JobState state = JobState::Queued;
    std::string stage; ///< "training", in the field's words; translated when shown
    std::int64_t done = 0;
    std::int64_t total = 0; ///< 0: unknown
    double rate = 0.0; ///< units of `done` per second, mean since the stage began; 0: unknown
    double remainingSeconds = -1.0; ///< < 0: unknown
    std::string what; ///< of a failed job: what happened, where
    std::string hint; ///< of a failed job: what to do

    bool operator==(const Progress&) const = default;
};

/// What a running job and its watchers share. All functions may be called from any thread.
class JobControl
{
public:
    // --- the work calls these
    /// A new stage resets the clock from which rate and remaining time are taken.
    void report(const std::string& stage, std::int64_t done, std::int64_t total);
    /// Somebody wants the work to end soon, keeping what there is: finish the step, return the
    /// result.
    bool stopAsked() const;
    /// Somebody wants the work to wait: throwIfCancelled() is going to block.
    bool pauseAsked() const;
    /// Blocks while paused; throws Cancelled once cancel() was called. To be called once a step.
    void throwIfCancelled();

    // --- watchers call these
    Progress progress() const;
    void stop();
    void cancel();
    void pause();
    void resume();

    // --- the runner calls these
    void setState(JobState state);
    void setFailed(const std::string& what, const std::string& hint);

private:
    using Clock = std::chrono::steady_clock;

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    Progress m_progress;
    bool m_stopAsked = false;
    bool m_cancelAsked = false;
    bool m_isPaused = false;
    Clock::time_point m_stageStart {};
    std::int64_t m_stageFirst = 0;
    Clock::duration m_pausedTime {}; ///< within this stage; does not count for the rate
};

} // namespace tw
