// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/job_checks.h"

#include "core/base/error.h"
#include "core/job/job_runner.h"

#include <atomic>
#include <latch>
#include <new>
#include <thread>

namespace tw {
namespace {

const Lane kHeavy {Lane::Kind::Heavy, 0};
const Lane kLight {Lane::Kind::Light, 0};

/// Waits by looking: the control has no signal, the window polls too.
template <typename IsReached>
void await(const char* what, IsReached isReached)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!isReached()) {
        if (std::chrono::steady_clock::now() > end)
            throw Error(std::string("it took too long until ") + what);
        std::this_thread::yield();
    }
}

void awaitState(JobControl& control, JobState state)
{
    await("the job's state changed", [&] { return control.progress().state == state; });
}

void awaitMoreThan(std::int64_t done, JobControl& control)
{
    await("the job made progress", [&] { return control.progress().done > done; });
}

template <typename Exception, typename T>
bool throws(const Job<T>& job)
{
    try {
        job.result.get();
        return false;
    } catch (const Exception&) {
        return true;
    }
}

std::string resultsComeBack()
{
    JobRunner runner;
    const auto job = runner.start(kLight, [](JobControl& control) {
        control.report("adding", 2, 2);
        return 40 + 2;
    });
    if (job.result.get() != 42)
        return "the future holds another value";
    const Progress progress = job.control->progress();
    if (progress.state != JobState::Finished || progress.stage != "adding" || progress.done != 2)
        return "the progress does not say finished, adding, 2";
    return {};
}

std::string aHeavyLaneRunsOneJobAtATimeInOrder()
{
    JobRunner runner;
    std::atomic<int> now = 0;
    std::atomic<int> most = 0;
    std::mutex mutex;
    std::vector<int> order;
    std::vector<Job<void>> jobs;
    std::latch allWait(1);
    for (int i = 0; i < 50; ++i)
        jobs.push_back(runner.start(kHeavy, [&, i](JobControl&) {
            allWait.wait();
            most = std::max(most.load(), ++now);
            // Long enough for another one to enter, if it could.
            const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
            while (std::chrono::steady_clock::now() < end)
                std::this_thread::yield();
            most = std::max(most.load(), now.load());
            {
                const std::lock_guard lock(mutex);
                order.push_back(i);
            }
            --now;
        }));
    allWait.count_down();
    runner.waitForAll();
    if (most != 1)
        return std::to_string(most) + " heavy jobs ran at once";
    return std::is_sorted(order.begin(), order.end()) && order.size() == 50
        ? ""
        : "jobs started out of order";
}

std::string lanesRunBesideEachOther()
{
    JobRunner runner;
    std::latch both(2); // each waits for the other: a single thread would never get past
    const auto meet = [&both](JobControl&) { both.arrive_and_wait(); };
    const auto a = runner.start(kHeavy, meet);
    const auto b = runner.start(Lane {Lane::Kind::Gpu, 0}, meet);
    a.result.get();
    b.result.get();
    return {};
}

std::string stopKeepsTheResult()
{
    JobRunner runner;
    const auto job = runner.start(kHeavy, [](JobControl& control) {
        std::int64_t steps = 0;
        while (!control.stopAsked())
            control.report("training", ++steps, 0);
        return steps;
    });
    awaitState(*job.control, JobState::Running);
    awaitMoreThan(2, *job.control);
    job.control->stop();
    if (job.result.get() < 3)
        return "steps were lost";
    return job.control->progress().state == JobState::Stopped ? "" : "the state is not Stopped";
}

std::string cancelDropsItWithinOneStep()
{
    JobRunner runner;
    std::atomic<bool> wentOn = false;
    std::latch started(1);
    std::latch cancelled(1);
    const auto job = runner.start(kHeavy, [&](JobControl& control) {
        started.count_down();
        cancelled.wait();
        control.throwIfCancelled();
        wentOn = true;
        return 1;
    });
    started.wait();
    job.control->cancel();
    cancelled.count_down();
    if (!throws<Cancelled>(job) || wentOn)
        return "the work went on after cancel()";
    return job.control->progress().state == JobState::Cancelled ? "" : "the state is not Cancelled";
}

std::string aWaitingJobCanBeCancelled()
{
    JobRunner runner;
    std::latch release(1);
    const auto first = runner.start(kHeavy, [&](JobControl&) { release.wait(); });
    std::atomic<bool> ran = false;
    const auto second = runner.start(kHeavy, [&](JobControl&) { ran = true; });
    second.control->cancel();
    release.count_down();
    first.result.get();
    return throws<Cancelled>(second) && !ran ? "" : "a cancelled job ran all the same";
}

std::string pauseHoldsAndResumeGoesOn()
{
    JobRunner runner;
    const auto job = runner.start(kHeavy, [](JobControl& control) {
        std::int64_t steps = 0;
        while (!control.stopAsked()) {
            control.throwIfCancelled();
            control.report("training", ++steps, 0);
        }
        return steps;
    });
    awaitState(*job.control, JobState::Running);
    job.control->pause();
    awaitState(*job.control, JobState::Paused);
    const auto held = job.control->progress().done;
    job.control->resume();
    awaitMoreThan(held, *job.control);
    job.control->stop();
    return job.result.get() > held ? "" : "no step after resume()";
}

std::string aPausedJobCanBeCancelled()
{
    JobRunner runner;
    const auto job = runner.start(kHeavy, [](JobControl& control) {
        for (;;)
            control.throwIfCancelled();
    });
    job.control->pause();
    awaitState(*job.control, JobState::Paused);
    job.control->cancel();
    return throws<Cancelled>(job) ? "" : "cancel() did not wake the paused job";
}

std::string failuresBecomeASentenceAndAHint()
{
    JobRunner runner;
    const auto own =
        runner.start(kLight, [](JobControl&) { throw Error("The shelf is empty.", "Fill it."); });
    if (!throws<Error>(own) || own.control->progress().what != "The shelf is empty."
        || own.control->progress().hint != "Fill it.")
        return "an Error lost its words";
    const auto memory = runner.start(kLight, [](JobControl&) { throw std::bad_alloc(); });
    if (!throws<Error>(memory)
        || memory.control->progress().hint.find("fewer rows") == std::string::npos)
        return "out of memory has no advice";
    return own.control->progress().state == JobState::Failed ? "" : "the state is not Failed";
}

std::string rateAndRemainingTimeFollow()
{
    JobControl control;
    control.report("reading", 0, 100);
    const auto start = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(250))
        std::this_thread::yield(); // a rate needs time to pass: this is its subject, not a wait for
                                   // something
    control.report("reading", 50, 100);
    const Progress progress = control.progress();
    if (progress.rate <= 0 || progress.rate > 50 / 0.25)
        return "the rate is " + std::to_string(progress.rate);
    const double expected = 50.0 / progress.rate;
    return std::abs(progress.remainingSeconds - expected) < 1e-9
        ? ""
        : "remaining time and rate disagree";
}

std::string endingTheRunnerCancelsWhatRuns()
{
    Job<void> job;
    Job<void> waiting;
    std::atomic<bool> ran = false;
    {
        JobRunner runner;
        job = runner.start(kHeavy, [](JobControl& control) {
            for (;;)
                control.throwIfCancelled();
        });
        waiting = runner.start(kHeavy, [&](JobControl&) { ran = true; });
        awaitState(*job.control, JobState::Running);
    }
    if (!throws<Cancelled>(waiting) || ran)
        return "the job that waited was not cancelled";
    return throws<Cancelled>(job) ? "" : "the job was not cancelled";
}

} // namespace

const Checks& jobChecks()
{
    static const Checks checks {
        {"a result comes back with its progress", resultsComeBack},
        {"a heavy lane runs one job at a time, in order", aHeavyLaneRunsOneJobAtATimeInOrder},
        {"lanes run beside each other", lanesRunBesideEachOther},
        {"stop keeps the result", stopKeepsTheResult},
        {"cancel drops it within one step", cancelDropsItWithinOneStep},
        {"a waiting job can be cancelled", aWaitingJobCanBeCancelled},
        {"pause holds and resume goes on", pauseHoldsAndResumeGoesOn},
        {"a paused job can be cancelled", aPausedJobCanBeCancelled},
        {"failures become a sentence and a hint", failuresBecomeASentenceAndAHint},
        {"rate and remaining time follow", rateAndRemainingTimeFollow},
        {"ending the runner cancels what runs and what waits", endingTheRunnerCancelsWhatRuns},
    };
    return checks;
}

} // namespace tw
