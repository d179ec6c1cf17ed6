// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/job/job_control.h"

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace tw {

/// Where work waits for its turn: one job at a time in Heavy, Network and each GPU lane, several in
/// Light. Network is for downloads, which take hours and no processor.
struct Lane
{
    enum class Kind
    {
        Light,
        Heavy,
        Network,
        Gpu
    };
    Kind kind = Kind::Light;
    int gpu = 0;

    auto operator<=>(const Lane&) const = default;
};

/// Handle of a piece of background work: copyable; dropping it neither stops nor waits.
template <typename T>
struct Job
{
    std::shared_ptr<JobControl> control;
    std::shared_future<T> result; ///< get() rethrows what the work threw

    bool ready() const
    {
        return result.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }
};

/// Owns all threads of the program. Jobs of a lane start in the order of their submission.
class JobRunner
{
public:
    explicit JobRunner(int lightThreads = 2);
    /// Cancels what runs or waits, then joins.
    ~JobRunner();
    JobRunner(const JobRunner&) = delete;
    JobRunner& operator=(const JobRunner&) = delete;

    /// work(control) runs in a thread of the lane. Whatever it throws ends in the future; an Error,
    /// a LibTorch error or another exception is also turned into Progress::what and hint.
    template <typename Work>
    auto start(Lane lane, Work work) -> Job<decltype(work(std::declval<JobControl&>()))>
    {
        using T = decltype(work(std::declval<JobControl&>()));
        auto control = std::make_shared<JobControl>();
        auto promise = std::make_shared<std::promise<T>>();
        Job<T> job {control, promise->get_future().share()};
        enqueue(lane, control, [control, promise, work = std::move(work)]() mutable {
            run(
                *control,
                [&] {
                    if constexpr (std::is_void_v<T>) {
                        work(*control);
                        return [promise] { promise->set_value(); };
                    } else {
                        return [promise, value = std::make_shared<T>(work(*control))] {
                            promise->set_value(std::move(*value));
                        };
                    }
                },
                [promise](std::exception_ptr error) { promise->set_exception(std::move(error)); });
        });
        return job;
    }

    /// Blocks until no job runs or waits.
    void waitForAll();

private:
    struct State;
    using Publish = std::function<void()>;

    void enqueue(Lane lane, std::shared_ptr<JobControl> control, std::function<void()> work);
    /// Runs body, sets the control's end state, and only then publishes value or exception.
    static void run(JobControl& control,
                    const std::function<Publish()>& body,
                    const std::function<void(std::exception_ptr)>& fail);

    std::unique_ptr<State> m_state;
};

} // namespace tw
