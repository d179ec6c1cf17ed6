// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workbench/job.h"

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>

namespace tw::cli {

/// The arguments are well-formed but do not make sense together.
class WrongUsage : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// From now on Ctrl+C is counted instead of ending the program; the third one ends it at once.
void watchInterrupts();
int interrupts();

/// What one Ctrl+C means to a job. Two always drop it.
enum class OnInterrupt
{
    Cancel,
    StopAndKeep
};

/// Shows a job's progress on stderr while it runs: one line that is written over on a terminal, a
/// line every ten seconds elsewhere.
class ProgressLine
{
public:
    ProgressLine();
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const Progress& progress);
    /// Removes the line, so that something else can be written.
    void clear();

private:
    bool m_isTerminal;
    std::size_t m_width = 0;
    double m_nextSeconds = 0.0;
};

/// Called ten times a second while a job runs; true: it writes to the terminal itself from now on,
/// so that no progress is shown.
using Between = std::function<bool()>;

/// Passes interrupts on to the job, shows its progress, returns when it is done.
void watch(JobControl& control,
           OnInterrupt onInterrupt,
           const std::function<bool(std::chrono::milliseconds)>& isDoneWithin,
           const Between& between);

/// Waits for a job as above and returns its result or throws what it threw.
template <typename T>
T wait(const Job<T>& job,
       OnInterrupt onInterrupt = OnInterrupt::Cancel,
       const Between& between = {})
{
    watch(
        *job.control, onInterrupt,
        [&](std::chrono::milliseconds time) {
            return job.result.wait_for(time) == std::future_status::ready;
        },
        between);
    return job.result.get();
}

/// One JSON value and a line break on stdout; ill-formed UTF-8 is replaced.
void printJson(const nlohmann::ordered_json& json, int indent = 2);

/// A table for people: columns padded to their widest cell, two blanks between.
void printTable(const std::vector<std::vector<std::string>>& rows);

/// "0.0123": what a person wants to see of a measurement.
std::string numberText(double value, int digits = 4);

} // namespace tw::cli
