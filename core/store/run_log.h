// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/project_file.h"
#include "core/store/run_state.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tw {

/// Writes what one run does into the project file. Metrics are collected and written in batches, at
/// the latest every quarter of a second, so that a run of a thousand steps per second commits four
/// times a second. For one thread.
class RunLog
{
public:
    RunLog(std::shared_ptr<ProjectFile> file, std::int64_t run);
    ~RunLog();
    RunLog(const RunLog&) = delete;
    RunLog& operator=(const RunLog&) = delete;

    /// The run is this process's now and goes on after fromStep: whatever was recorded behind that
    /// step is dropped, since it is going to be measured again. Throws Error where another living
    /// process runs it.
    void begin(std::int64_t fromStep);
    void metric(std::int64_t step, const std::string& name, double value);
    /// What was measured at a step; 0 where nothing was.
    double measured(std::int64_t step, const std::string& name);
    /// A step is complete: steps done, and seconds of training so far. Whoever reads the file sees
    /// all metrics of a step or none.
    void progress(std::int64_t step, double seconds);
    void event(std::int64_t step, const std::string& kind, const std::string& text);
    void sample(std::int64_t step,
                const std::string& prompt,
                const std::string& target,
                const std::string& text);
    /// An analysis of the run as JSON text, in the place of an earlier one of the same method.
    void result(const std::string& method, const std::string& json);
    void checkpoint(std::int64_t step, const std::string& folder);
    void dropCheckpoint(std::int64_t step); ///< its folder is gone, or is not whole
    void setAdapter(const std::string& folder);
    void setProvenance(const std::string& json);
    /// failure: what happened, hint behind a newline. (begin() has taken the run off the queue.)
    void setState(RunState state, const std::string& failure = {});
    void flush();

private:
    struct Point
    {
        std::int64_t step;
        std::int64_t name;
        double value;
    };
    std::int64_t nameId(const std::string& name);
    void flushIfDue();

    std::shared_ptr<ProjectFile> m_file;
    std::int64_t m_run;
    std::map<std::string, std::int64_t> m_names;
    std::vector<Point> m_points;
    std::int64_t m_step = -1;
    double m_seconds = 0.0;
    std::chrono::steady_clock::time_point m_lastFlush {};
};

} // namespace tw
