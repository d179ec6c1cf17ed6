// SPDX-License-Identifier: Apache-2.0
#include "core/store/run_log.h"

#include "core/base/text.h"
#include "core/store/process_mark.h"

#include <array>
#include <utility>

namespace tw {
namespace {

constexpr std::size_t kBatchPoints = 2000; // a transaction of this size takes a few milliseconds
constexpr std::chrono::milliseconds kBatchTime {
    250}; // what a person who watches still takes as at once

constexpr std::array<std::pair<RunState, const char*>, 7> kStates {
    {{RunState::Queued, "queued"},
     {RunState::Running, "running"},
     {RunState::Paused, "paused"},
     {RunState::Finished, "finished"},
     {RunState::Stopped, "stopped"},
     {RunState::Failed, "failed"},
     {RunState::Interrupted, "interrupted"}}};

} // namespace

const char* runStateId(RunState state)
{
    return kStates.at(static_cast<std::size_t>(state)).second;
}

RunState runStateFrom(const std::string& id)
{
    for (const auto& [state, name] : kStates)
        if (id == name)
            return state;
    throw Error("\"" + id + "\" is no state of a run.",
                "The project file was changed by another program.");
}

RunLog::RunLog(std::shared_ptr<ProjectFile> file, std::int64_t run)
    : m_file(std::move(file))
    , m_run(run)
{
}

RunLog::~RunLog()
{
    try {
        flush();
    } catch (
        const Error&) { // flush() was called, and its error said, wherever the run ends on purpose
    }
}

void RunLog::begin(std::int64_t fromStep)
{
    Database& database = m_file->writable();
    Transaction transaction(database);
    {
        Statement old = database.prepare("SELECT process, state FROM run WHERE id = ?1");
        if (!old.with(m_run).next())
            throw Error("There is no run " + std::to_string(m_run) + " in "
                            + m_file->folder().string() + ".",
                        "List the runs to see their numbers.");
        const bool wasActive = old.text(1) == "running" || old.text(1) == "paused";
        if (wasActive && old.text(0) != processMark() && isProcessAlive(old.text(0)))
            throw Error("Run " + std::to_string(m_run) + " is being trained by another process.",
                        "Stop it there first, or wait until it has finished.");
    }
    database.write("DELETE FROM metric WHERE run = ?1 AND step > ?2", m_run, fromStep);
    database.write("DELETE FROM sample WHERE run = ?1 AND step > ?2", m_run, fromStep);
    database.write("DELETE FROM event WHERE run = ?1 AND step > ?2", m_run, fromStep);
    database.write(
        "UPDATE run SET state = 'running', failure = '', process = ?2, step = ?3 WHERE id = ?1",
        m_run, processMark(), fromStep);
    database.write("DELETE FROM queue WHERE run = ?1", m_run);
    transaction.commit();
    m_lastFlush = std::chrono::steady_clock::now();
}

std::int64_t RunLog::nameId(const std::string& name)
{
    if (const auto it = m_names.find(name); it != m_names.end())
        return it->second;
    Database& database = m_file->writable();
    database.write("INSERT OR IGNORE INTO metric_name (name) VALUES (?1)", name);
    Statement find = database.prepare("SELECT id FROM metric_name WHERE name = ?1");
    find.with(name).next();
    return m_names[name] = find.integer(0);
}

void RunLog::metric(std::int64_t step, const std::string& name, double value)
{
    m_points.push_back({step, nameId(name), value});
    if (m_points.size() >= kBatchPoints)
        flush();
}

double RunLog::measured(std::int64_t step, const std::string& name)
{
    flush();
    Statement find = m_file->database().prepare(
        "SELECT value FROM metric WHERE run = ?1 AND name = ?2 AND step = ?3");
    return find.with(m_run, nameId(name), step).next() ? find.realOrNan(0) : 0.0;
}

void RunLog::progress(std::int64_t step, double seconds)
{
    m_step = step;
    m_seconds = seconds;
    flushIfDue();
}

void RunLog::flushIfDue()
{
    if (std::chrono::steady_clock::now() - m_lastFlush >= kBatchTime)
        flush();
}

void RunLog::flush()
{
    m_lastFlush = std::chrono::steady_clock::now();
    if (m_points.empty() && m_step < 0)
        return;
    Database& database = m_file->writable();
    Transaction transaction(database);
    if (!m_points.empty()) {
        Statement insert = database.prepare(
            "INSERT OR REPLACE INTO metric (run, name, step, value) VALUES (?1, ?2, ?3, ?4)");
        for (const Point& point : m_points)
            insert.with(m_run, point.name, point.step, point.value).runAndReset();
    }
    if (m_step >= 0)
        database.write("UPDATE run SET step = ?2, seconds = ?3 WHERE id = ?1", m_run, m_step,
                       m_seconds);
    transaction.commit();
    m_points.clear();
    m_step = -1;
}

void RunLog::event(std::int64_t step, const std::string& kind, const std::string& text)
{
    flush();
    m_file->writable().write(
        "INSERT INTO event (run, time, step, kind, text) VALUES (?1, ?2, ?3, ?4, ?5)", m_run,
        isoNow(), step, kind, text);
}

void RunLog::sample(std::int64_t step,
                    const std::string& prompt,
                    const std::string& target,
                    const std::string& text)
{
    m_file->writable().write(
        "INSERT INTO sample (run, step, prompt, target, text) VALUES (?1, ?2, ?3, ?4, ?5)", m_run,
        step, prompt, target, text);
}

void RunLog::result(const std::string& method, const std::string& json)
{
    Database& database = m_file->writable();
    Transaction transaction(database);
    database.write("DELETE FROM analysis WHERE run = ?1 AND kind = 'result' "
                   "AND json_extract(result, '$.method') = ?2",
                   m_run, method);
    database.write("INSERT INTO analysis (run, kind, created, result) "
                   "VALUES (?1, 'result', ?2, ?3)",
                   m_run, isoNow(), json);
    transaction.commit();
}

void RunLog::checkpoint(std::int64_t step, const std::string& folder)
{
    m_file->writable().write("INSERT OR REPLACE INTO artefact (run, kind, step, path, created) "
                             "VALUES (?1, 'checkpoint', ?2, ?3, ?4)",
                             m_run, step, folder, isoNow());
}

void RunLog::dropCheckpoint(std::int64_t step)
{
    m_file->writable().write(
        "DELETE FROM artefact WHERE run = ?1 AND kind = 'checkpoint' AND step = ?2", m_run, step);
}

void RunLog::setAdapter(const std::string& folder)
{
    m_file->writable().write("UPDATE run SET adapter = ?2 WHERE id = ?1", m_run, folder);
}

void RunLog::setProvenance(const std::string& json)
{
    m_file->writable().write("UPDATE run SET provenance = ?2 WHERE id = ?1", m_run, json);
}

void RunLog::setState(RunState state, const std::string& failure)
{
    flush();
    m_file->writable().write(
        "UPDATE run SET state = ?2, failure = ?3, process = ?4 WHERE id = ?1", m_run,
        runStateId(state), failure,
        state == RunState::Running || state == RunState::Paused ? processMark() : std::string());
}

} // namespace tw
