// SPDX-License-Identifier: Apache-2.0
#include "core/job/job_runner.h"

#include "core/base/error.h"
#include "core/job/failure.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace tw {

struct JobRunner::State
{
    struct Waiting
    {
        std::shared_ptr<JobControl> control;
        std::function<void()> work;
    };
    struct LaneState
    {
        std::deque<Waiting> queue;
        std::vector<std::thread> threads;
    };

    explicit State(int light)
        : lightThreads(light)
    {
    }

    void work(LaneState& lane);
    int threadsOf(Lane lane) const { return lane.kind == Lane::Kind::Light ? lightThreads : 1; }

    const int lightThreads;
    std::mutex mutex;
    std::condition_variable changed;
    std::map<Lane, LaneState>
        lanes; ///< nodes of a map stay where they are, so threads may keep a reference
    std::list<std::shared_ptr<JobControl>> running;
    bool isEnding = false;
};

void JobRunner::State::work(LaneState& lane)
{
    std::unique_lock lock(mutex);
    for (;;) {
        changed.wait(lock, [&] { return isEnding || !lane.queue.empty(); });
        if (lane.queue.empty())
            return;
        Waiting job = std::move(lane.queue.front());
        lane.queue.pop_front();
        const auto place = running.insert(running.end(), job.control);
        lock.unlock();
        job.work();
        job.work =
            nullptr; // what the work captured goes before anybody learns that the lane is free
        lock.lock();
        running.erase(place);
        changed.notify_all();
    }
}

JobRunner::JobRunner(int lightThreads)
    : m_state(std::make_unique<State>(std::max(1, lightThreads)))
{
}

JobRunner::~JobRunner()
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->isEnding = true;
        for (const auto& control : m_state->running)
            control->cancel();
        for (auto& [lane, state] : m_state->lanes) // they run, meet their cancellation and end
            for (const auto& job : state.queue)
                job.control->cancel();
        m_state->changed.notify_all();
    }
    for (auto& [lane, state] : m_state->lanes)
        for (auto& thread : state.threads)
            thread.join();
}

void JobRunner::enqueue(Lane lane, std::shared_ptr<JobControl> control, std::function<void()> work)
{
    const std::lock_guard lock(m_state->mutex);
    auto& state = m_state->lanes[lane];
    state.queue.push_back({std::move(control), std::move(work)});
    if (static_cast<int>(state.threads.size()) < m_state->threadsOf(lane))
        state.threads.emplace_back([all = m_state.get(), &state] { all->work(state); });
    m_state->changed.notify_all();
}

void JobRunner::waitForAll()
{
    std::unique_lock lock(m_state->mutex);
    m_state->changed.wait(lock, [this] {
        return m_state->running.empty()
            && std::all_of(m_state->lanes.begin(), m_state->lanes.end(),
                           [](const auto& l) { return l.second.queue.empty(); });
    });
}

void JobRunner::run(JobControl& control,
                    const std::function<Publish()>& body,
                    const std::function<void(std::exception_ptr)>& fail)
{
    try {
        control.throwIfCancelled(); // cancelled while it waited
        control.setState(JobState::Running);
        const Publish publish = body();
        control.setState(control.stopAsked() ? JobState::Stopped : JobState::Finished);
        publish();
    } catch (const Cancelled&) {
        control.setState(JobState::Cancelled);
        fail(std::current_exception());
    } catch (const std::exception& error) {
        const Failure failure = failureOf(error);
        control.setFailed(failure.what, failure.hint);
        // Watchers get a sentence and a hint, whatever library it came from.
        fail(std::make_exception_ptr(Error(failure.what, failure.hint)));
    }
}

} // namespace tw
