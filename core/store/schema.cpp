// SPDX-License-Identifier: Apache-2.0
#include "core/store/schema.h"

#include <array>

namespace tw {
namespace {

// Step N brings a file from layout N to N + 1. Steps that were released are never changed: a new
// one is added.
constexpr std::array kSteps {
    R"sql(
CREATE TABLE project (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE model (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, sha256 TEXT, added TEXT NOT NULL);
CREATE TABLE dataset (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, sha256 TEXT, added TEXT NOT NULL);
CREATE TABLE experiment (id INTEGER PRIMARY KEY, document TEXT NOT NULL, created TEXT NOT NULL);
CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    experiment INTEGER NOT NULL REFERENCES experiment(id),
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    model TEXT NOT NULL,
    method TEXT NOT NULL,
    step INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL,
    created TEXT NOT NULL,
    seconds REAL NOT NULL DEFAULT 0,
    adapter TEXT NOT NULL DEFAULT '',
    failure TEXT NOT NULL DEFAULT '',
    process TEXT NOT NULL DEFAULT '',
    provenance TEXT NOT NULL DEFAULT '{}');
CREATE TABLE metric_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE metric (
    run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    name INTEGER NOT NULL REFERENCES metric_name(id),
    step INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (run, name, step)) WITHOUT ROWID;
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    time TEXT NOT NULL, step INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX event_of_run ON event(run, id);
CREATE TABLE sample (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    step INTEGER NOT NULL, prompt TEXT NOT NULL, target TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX sample_of_run ON sample(run, step);
CREATE TABLE analysis (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER REFERENCES run(id) ON DELETE CASCADE,
    kind TEXT NOT NULL, created TEXT NOT NULL, result TEXT NOT NULL);
CREATE INDEX analysis_of_run ON analysis(run, kind);
CREATE TABLE artefact (
    id INTEGER PRIMARY KEY,
    run INTEGER REFERENCES run(id) ON DELETE CASCADE,
    kind TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 0, path TEXT NOT NULL, created TEXT NOT NULL,
    UNIQUE (run, kind, step));
CREATE TABLE report (id INTEGER PRIMARY KEY, title TEXT NOT NULL, file TEXT NOT NULL UNIQUE, created TEXT NOT NULL);
CREATE TABLE queue (
    run INTEGER PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE,
    position INTEGER NOT NULL, not_before TEXT, continue_on_error INTEGER NOT NULL DEFAULT 1);
)sql"};

} // namespace

int newestSchema()
{
    return static_cast<int>(kSteps.size());
}

void migrate(Database& database)
{
    const auto version = database.number("PRAGMA user_version");
    if (version > newestSchema())
        throw Error(database.name() + " was written by a newer Tunewright (layout "
                        + std::to_string(version) + ", this one knows "
                        + std::to_string(newestSchema()) + ").",
                    "Open it with the newer program; nothing was changed.");
    if (version < 0)
        throw DatabaseError(DatabaseError::Kind::Damaged,
                            database.name() + ": the layout number is damaged.", "");
    if (version == newestSchema())
        return;
    Transaction transaction(database);
    for (auto step = database.number("PRAGMA user_version"); step < newestSchema(); ++step)
        database.execute(kSteps[static_cast<std::size_t>(step)]);
    database.execute("PRAGMA user_version = " + std::to_string(newestSchema()));
    transaction.commit();
}

const std::vector<std::string>& tableNames()
{
    static const std::vector<std::string> names {
        "project", "model",  "dataset",  "experiment", "run",    "metric_name", "metric",
        "event",   "sample", "analysis", "artefact",   "report", "queue"};
    return names;
}

} // namespace tw
