// SPDX-License-Identifier: Apache-2.0
// The runs of a project and what was recorded of each.
#include "core/adaptation/registry.h"
#include "core/base/text.h"
#include "core/experiment/stages.h"
#include "core/store/process_mark.h"
#include "core/store/run_log.h"
#include "core/workbench/project.h"
#include "core/workbench/project_state.h"

#include <algorithm>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRunColumns = "SELECT id, name, state, model, method, step, steps, created, "
                                    "seconds, adapter, failure, process FROM run ";

/// "lora + ia3" as people write it; without one, only a head for labels is trained. A method that
/// this program does not know keeps its id.
std::string titlesOf(const std::string& methods)
{
    constexpr std::string_view kBetween = " + ";
    if (methods.empty())
        return "Head alone";
    std::string titles;
    for (std::size_t start = 0; start <= methods.size();) {
        const std::size_t end = std::min(methods.find(kBetween, start), methods.size());
        const std::string id = methods.substr(start, end - start);
        const Adaptation* known = adaptations().find(id);
        titles += (titles.empty() ? "" : " + ") + (known == nullptr ? id : known->title);
        start = end + kBetween.size();
    }
    return titles;
}

RunSummary runFrom(const Statement& row, const fs::path& folder)
{
    RunSummary run;
    run.id = row.integer(0);
    run.name = row.text(1);
    run.state = runStateFrom(row.text(2));
    run.model = row.text(3);
    run.method = row.text(4);
    run.methodTitle = titlesOf(run.method);
    run.step = row.integer(5);
    run.steps = row.integer(6);
    run.created = row.text(7);
    run.seconds = row.real(8);
    if (const std::string adapter = row.text(9); !adapter.empty())
        run.adapter = (folder / adapter).string();
    run.failure = row.text(10);
    const bool claimsToRun = run.state == RunState::Running || run.state == RunState::Paused;
    if (claimsToRun && !isProcessAlive(row.text(11)))
        run.state = RunState::Interrupted;
    return run;
}

/// Latest values, and those at step 0. One seek in the index per run and name: the million points
/// stay untouched.
void addMetrics(ProjectFile& file,
                RunSummary& run,
                const std::vector<std::pair<std::int64_t, std::string>>& names)
{
    Database& database = file.database();
    for (const auto& [id, name] : names) {
        // What was measured before training says nothing about what training did.
        Statement last = database.prepare("SELECT value FROM metric WHERE run = ?1 AND name = ?2 "
                                          "AND step > 0 ORDER BY step DESC LIMIT 1");
        file.eachRow(last.with(run.id, id),
                     [&, &n = name](const Statement& row) { run.metrics[n] = row.realOrNan(0); });
        Statement first =
            database.prepare("SELECT value FROM metric WHERE run = ?1 AND name = ?2 AND step = 0");
        file.eachRow(first.with(run.id, id), [&, &n = name](const Statement& row) {
            run.firstMetrics[n] = row.realOrNan(0);
        });
    }
}

std::vector<std::pair<std::int64_t, std::string>> namesOfMetrics(ProjectFile& file)
{
    std::vector<std::pair<std::int64_t, std::string>> names;
    Statement all = file.database().prepare("SELECT id, name FROM metric_name");
    file.eachRow(all,
                 [&](const Statement& row) { names.emplace_back(row.integer(0), row.text(1)); });
    return names;
}

} // namespace

std::string methodsInWords(const Experiment& experiment)
{
    std::string words;
    for (const AdaptationChoice& choice : experiment.adaptations) {
        const fs::path from = choice.from;
        const bool isStage = choice.from.starts_with(kStagePrefix);
        words += words.empty() ? "" : " + ";
        if (choice.from.empty())
            words += titlesOf(choice.method);
        else if (isStage)
            words +=
                "what \"" + choice.from.substr(std::string(kStagePrefix).size()) + "\" trained";
        else
            words += "the adapter "
                + (from.has_filename() ? from : from.parent_path()).filename().string();
    }
    return words.empty() ? titlesOf({}) : words;
}

std::int64_t Project::addRun(const Experiment& experiment)
{
    Database& database = m_state->file->writable();
    Transaction transaction(database);
    database.write("INSERT INTO experiment (document, created) VALUES (?1, ?2)",
                   toJsonText(experiment), isoNow());
    const std::int64_t document = database.lastId();
    std::vector<std::string> methods;
    for (const Experiment& stage : stagesOf(experiment))
        for (const AdaptationChoice& choice : stage.adaptations)
            if (std::ranges::find(methods, choice.method) == methods.end())
                methods.push_back(choice.method);
    database.write("INSERT INTO run (experiment, name, state, model, method, steps, created) "
                   "VALUES (?1, ?2, 'queued', ?3, ?4, ?5, ?6)",
                   document, experiment.name, modelName(experiment.model), join(methods, " + "),
                   totalSteps(experiment), isoNow());
    const std::int64_t run = database.lastId();
    database.write(
        "INSERT INTO queue (run, position) SELECT ?1, coalesce(max(position), 0) + 1 FROM queue",
        run);
    transaction.commit();
    return run;
}

std::vector<RunSummary> Project::runs() const
{
    ProjectFile& file = *m_state->file;
    const auto names = namesOfMetrics(file);
    std::vector<RunSummary> runs;
    Statement all = file.database().prepare(std::string(kRunColumns) + "ORDER BY id");
    file.eachRow(all, [&](const Statement& row) { runs.push_back(runFrom(row, folder())); });
    for (RunSummary& run : runs)
        addMetrics(file, run, names);
    return runs;
}

RunSummary Project::run(std::int64_t id) const
{
    ProjectFile& file = *m_state->file;
    std::optional<RunSummary> found;
    Statement one = file.database().prepare(std::string(kRunColumns) + "WHERE id = ?1");
    file.eachRow(one.with(id), [&](const Statement& row) { found = runFrom(row, folder()); });
    if (!found)
        throw Error("There is no run " + std::to_string(id) + " in " + folder().string() + ".",
                    "`tunewright-cli runs --project " + folder().string()
                        + "` lists what there is.");
    addMetrics(file, *found, namesOfMetrics(file));
    return *found;
}

Experiment Project::experimentOf(std::int64_t run) const
{
    Statement find =
        m_state->file->database().prepare("SELECT document FROM experiment JOIN run ON "
                                          "run.experiment = experiment.id WHERE run.id = ?1");
    if (!find.with(run).next())
        throw Error("The experiment of run " + std::to_string(run) + " is not in the project file.",
                    "List the runs.");
    return experimentFrom(find.text(0), "Experiment of run " + std::to_string(run));
}

std::string Project::provenance(std::int64_t run) const
{
    std::string text = "{}";
    Statement find = m_state->file->database().prepare("SELECT provenance FROM run WHERE id = ?1");
    m_state->file->eachRow(find.with(run), [&](const Statement& row) { text = row.text(0); });
    return text;
}

std::vector<std::int64_t> Project::queue() const
{
    std::vector<std::int64_t> ids;
    Statement all =
        m_state->file->database().prepare("SELECT run FROM queue ORDER BY position, run");
    m_state->file->eachRow(all, [&](const Statement& row) { ids.push_back(row.integer(0)); });
    return ids;
}

std::vector<std::string> Project::metricNames(std::int64_t run) const
{
    std::vector<std::string> names;
    Statement all = m_state->file->database().prepare(
        "SELECT name FROM metric_name AS n WHERE EXISTS (SELECT 1 FROM metric WHERE run = ?1 AND "
        "metric.name = n.id) ORDER BY name");
    m_state->file->eachRow(all.with(run),
                           [&](const Statement& row) { names.push_back(row.text(0)); });
    return names;
}

std::vector<MetricPoint>
Project::metric(std::int64_t run, const std::string& name, std::int64_t afterStep) const
{
    std::vector<MetricPoint> points;
    Statement some = m_state->file->database().prepare(
        "SELECT step, value FROM metric WHERE run = ?1 AND name = (SELECT id FROM metric_name "
        "WHERE name = ?2) AND step > ?3 "
        "ORDER BY step");
    m_state->file->eachRow(some.with(run, name, afterStep), [&](const Statement& row) {
        points.push_back({row.integer(0), row.realOrNan(1)});
    });
    return points;
}

std::vector<RunEvent> Project::events(std::int64_t run) const
{
    std::vector<RunEvent> events;
    Statement all = m_state->file->database().prepare(
        "SELECT time, step, kind, text FROM event WHERE run = ?1 ORDER BY id");
    m_state->file->eachRow(all.with(run), [&](const Statement& row) {
        events.push_back({row.text(0), row.integer(1), row.text(2), row.text(3)});
    });
    return events;
}

std::vector<RunSample> Project::samples(std::int64_t run) const
{
    std::vector<RunSample> samples;
    Statement all = m_state->file->database().prepare(
        "SELECT step, prompt, target, text FROM sample WHERE run = ?1 ORDER BY step, id");
    m_state->file->eachRow(all.with(run), [&](const Statement& row) {
        samples.push_back({row.integer(0), row.text(1), row.text(2), row.text(3)});
    });
    return samples;
}

std::vector<Checkpoint> Project::checkpoints(std::int64_t run) const
{
    std::vector<Checkpoint> checkpoints;
    Statement all = m_state->file->database().prepare(
        "SELECT step, path FROM artefact WHERE run = ?1 AND kind = 'checkpoint' ORDER BY step");
    m_state->file->eachRow(all.with(run), [&](const Statement& row) {
        const fs::path path = folder() / row.text(1);
        if (fs::exists(path))
            checkpoints.push_back({row.integer(0), path.string()});
    });
    return checkpoints;
}

void Project::renameRun(std::int64_t id, const std::string& name)
{
    m_state->file->writable().write("UPDATE run SET name = ?2 WHERE id = ?1", id, name);
}

void Project::deleteRun(std::int64_t id)
{
    const RunState state = run(id).state;
    if (state == RunState::Running || state == RunState::Paused)
        throw Error("Run " + std::to_string(id) + " is being trained.", "Stop it first.");
    Database& database = m_state->file->writable();
    Transaction transaction(database);
    database.write("DELETE FROM run WHERE id = ?1", id);
    database.execute("DELETE FROM experiment WHERE id NOT IN (SELECT experiment FROM run)");
    transaction.commit();
    std::error_code code;
    fs::remove_all(m_state->file->runFolder(id), code);
    if (code)
        throw Error("Run " + std::to_string(id) + " is gone from the project, but its folder "
                        + m_state->file->runFolder(id).string()
                        + " could not be deleted: " + code.message() + ".",
                    "Delete the folder yourself.");
}

} // namespace tw
