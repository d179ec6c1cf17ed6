// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/project.h"

#include "core/base/text.h"
#include "core/base/translate.h"
#include "core/workbench/project_state.h"

namespace tw {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> texts(ProjectFile& file, const char* sql)
{
    std::vector<std::string> out;
    Statement statement = file.database().prepare(sql);
    file.eachRow(statement, [&](const Statement& row) { out.push_back(row.text(0)); });
    return out;
}

std::int64_t
addStored(ProjectFile& file, std::int64_t run, const char* kind, const std::string& json)
{
    Database& database = file.writable();
    if (run > 0)
        database.write("INSERT INTO analysis (run, kind, created, result) VALUES (?1, ?2, ?3, ?4)",
                       run, kind, isoNow(), json);
    else
        database.write("INSERT INTO analysis (kind, created, result) VALUES (?1, ?2, ?3)", kind,
                       isoNow(), json);
    return database.lastId();
}

/// A stored result. One that cannot be read says so in its place: the others are still worth
/// showing.
AnalysisResult storedResult(const std::string& kind, const std::string& json)
{
    try {
        return kind == "xray" ? toAnalysis(xrayResultFrom(json)) : analysisResultFrom(json);
    } catch (const Error& error) {
        AnalysisResult unreadable;
        unreadable.method = kind;
        unreadable.title = QT_TRANSLATE_NOOP("project", "A result that cannot be read");
        unreadable.summary = std::string(error.what()) + " " + error.hint();
        unreadable.provenance = "{}";
        return unreadable;
    }
}

/// Newest stored result of a kind, or nothing.
std::optional<std::string> newest(ProjectFile& file, std::int64_t run, const char* kind)
{
    std::optional<std::string> text;
    Statement find = file.database().prepare(
        "SELECT result FROM analysis WHERE run = ?1 AND kind = ?2 ORDER BY id DESC LIMIT 1");
    file.eachRow(find.with(run, kind), [&](const Statement& row) { text = row.text(0); });
    return text;
}

} // namespace

Project::Project(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
}

Project::~Project() = default;

std::shared_ptr<Project> Project::create(const fs::path& folder, const std::string& name)
{
    auto file = ProjectFile::create(folder);
    file->writable().write("INSERT INTO project (key, value) VALUES ('name', ?1), ('created', ?2)",
                           name, isoNow());
    return std::make_shared<Project>(std::make_unique<State>(State {std::move(file)}));
}

std::shared_ptr<Project> Project::open(const fs::path& folder)
{
    return std::make_shared<Project>(std::make_unique<State>(State {ProjectFile::open(folder)}));
}

const fs::path& Project::folder() const
{
    return m_state->file->folder();
}

std::string Project::name() const
{
    const std::string stored = m_state->value("name");
    return stored.empty() ? folder().filename().string() : stored;
}

bool Project::isReadOnly() const
{
    return m_state->file->isReadOnly();
}

Problems Project::problems() const
{
    return m_state->file->problems();
}

void Project::throwIfLost() const
{
    if (m_state->file->isLost())
        throw Error(problems().back().what, problems().back().hint);
}

void Project::throwIfReadOnly() const
{
    if (!isReadOnly())
        return;
    const Problem& why = m_state->file->problems().front();
    throw Error(why.what, why.hint);
}

std::int64_t Project::version() const
{
    return m_state->file->version();
}

void Project::addModel(const std::string& path)
{
    m_state->file->writable().write("INSERT OR IGNORE INTO model (path, added) VALUES (?1, ?2)",
                                    path, isoNow());
}

void Project::addDataset(const std::string& path)
{
    m_state->file->writable().write("INSERT OR IGNORE INTO dataset (path, added) VALUES (?1, ?2)",
                                    path, isoNow());
}

std::vector<std::string> Project::models() const
{
    return texts(*m_state->file, "SELECT path FROM model ORDER BY id");
}

std::vector<std::string> Project::datasets() const
{
    return texts(*m_state->file, "SELECT path FROM dataset ORDER BY id");
}

Experiment Project::draft() const
{
    const std::string text = m_state->value("draft");
    return text.empty() ? Experiment {}
                        : parseExperiment(text, "The experiment being edited").experiment;
}

void Project::setDraft(const Experiment& experiment)
{
    m_state->setValue("draft", toJsonText(experiment));
}

std::int64_t Project::addAnalysis(std::int64_t run, const AnalysisResult& result)
{
    return addStored(*m_state->file, run, "result", toJsonText(result));
}

std::vector<Project::StoredAnalysis> Project::analyses(std::int64_t run) const
{
    std::vector<StoredAnalysis> all;
    Statement some = m_state->file->database().prepare(
        "SELECT id, coalesce(run, 0), created, kind, result FROM analysis "
        "WHERE (?1 = 0 OR run = ?1) AND kind IN ('result', 'xray') ORDER BY id");
    m_state->file->eachRow(some.with(run), [&](const Statement& row) {
        all.push_back(
            {row.integer(0), row.integer(1), row.text(2), storedResult(row.text(3), row.text(4))});
    });
    return all;
}

std::optional<XrayResult> Project::xrayOf(std::int64_t run) const
{
    const auto text = newest(*m_state->file, run, "xray");
    return text ? std::optional(xrayResultFrom(*text)) : std::nullopt;
}

std::int64_t Project::addXray(std::int64_t run, const XrayResult& result)
{
    return addStored(*m_state->file, run, "xray", toJsonText(result));
}

std::vector<ContrastSample> Project::contrastSamplesOf(std::int64_t run) const
{
    const auto text = newest(*m_state->file, run, "contrast");
    return text ? contrastSamplesFrom(*text) : std::vector<ContrastSample> {};
}

void Project::addContrastSamples(std::int64_t run, const std::vector<ContrastSample>& samples)
{
    addStored(*m_state->file, run, "contrast", toJsonText(samples));
}

std::vector<Project::StoredReport> Project::reports() const
{
    std::vector<StoredReport> reports;
    Statement all = m_state->file->database().prepare(
        "SELECT id, title, file, created FROM report ORDER BY id");
    m_state->file->eachRow(all, [&](const Statement& row) {
        reports.push_back(
            {row.integer(0), row.text(1), (folder() / row.text(2)).string(), row.text(3)});
    });
    return reports;
}

std::string Project::State::value(const std::string& key) const
{
    std::string text;
    Statement find = file->database().prepare("SELECT value FROM project WHERE key = ?1");
    file->eachRow(find.with(key), [&](const Statement& row) { text = row.text(0); });
    return text;
}

void Project::State::setValue(const std::string& key, const std::string& value)
{
    file->writable().write("INSERT OR REPLACE INTO project (key, value) VALUES (?1, ?2)", key,
                           value);
}

std::string modelName(const std::string& path)
{
    const fs::path file(path);
    const fs::path name = file.filename().empty() ? file.parent_path().filename() : file.filename();
    return name.extension() == ".gguf" ? name.stem().string() : name.string();
}

} // namespace tw
