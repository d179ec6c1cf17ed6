// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workbench/experiment.h"
#include "core/workbench/values.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tw {

/// A project folder: project.tunewright (SQLite) and the artefact folders runs/, analyses/,
/// reports/, models/. Thread-safe: every thread gets its own connection. Calls are short reads or
/// writes of the database.
class Project
{
public:
    /// Makes the folder and an empty project file. Throws Error where there is one already or no
    /// permission.
    static std::shared_ptr<Project> create(const std::filesystem::path& folder,
                                           const std::string& name);
    /// Throws Error; a damaged file opens read-only and problems() says what is lost.
    static std::shared_ptr<Project> open(const std::filesystem::path& folder);
    ~Project();

    const std::filesystem::path& folder() const;
    std::string name() const;
    bool isReadOnly() const;
    Problems problems() const;
    /// Throws Error where nothing of the project file can be read: an empty project stands for it.
    void throwIfLost() const;
    /// Throws Error where it cannot be written to, with the reason.
    void throwIfReadOnly() const;
    /// Grows with every write of this or another process: watchers compare it before they read
    /// anything.
    std::int64_t version() const;

    // --- models and data that the person has opened in this project
    void addModel(const std::string& path);
    void addDataset(const std::string& path);
    std::vector<std::string> models() const;
    std::vector<std::string> datasets() const;

    // --- the experiment being edited
    Experiment draft() const;
    void setDraft(const Experiment& experiment);

    // --- runs
    /// Freezes the document and puts it at the end of the queue.
    std::int64_t addRun(const Experiment& experiment);
    std::vector<RunSummary> runs() const;
    RunSummary run(std::int64_t id) const; ///< throws Error where there is none
    Experiment experimentOf(std::int64_t run) const;
    /// Seed, threads, versions, SHA-256 of model and data, as a JSON object; empty before it began.
    std::string provenance(std::int64_t run) const;
    std::vector<std::int64_t> queue() const; ///< runs that wait, next first
    std::vector<std::string> metricNames(std::int64_t run) const;
    std::vector<MetricPoint>
    metric(std::int64_t run, const std::string& name, std::int64_t afterStep = -1) const;
    std::vector<RunEvent> events(std::int64_t run) const;
    std::vector<RunSample> samples(std::int64_t run) const;
    std::vector<Checkpoint> checkpoints(std::int64_t run) const;
    void renameRun(std::int64_t id, const std::string& name);
    void deleteRun(std::int64_t id); ///< with its folder

    // --- results
    std::int64_t addAnalysis(std::int64_t run, const AnalysisResult& result); ///< run 0: of no run
    struct StoredAnalysis
    {
        std::int64_t id = 0;
        std::int64_t run = 0;
        std::string created;
        AnalysisResult result;
    };
    std::vector<StoredAnalysis> analyses(std::int64_t run = 0) const; ///< 0: all
    std::optional<XrayResult> xrayOf(std::int64_t run) const;
    std::int64_t addXray(std::int64_t run, const XrayResult& result);
    std::vector<ContrastSample> contrastSamplesOf(std::int64_t run) const;
    void addContrastSamples(std::int64_t run, const std::vector<ContrastSample>& samples);

    struct StoredReport
    {
        std::int64_t id = 0;
        std::string title;
        std::string file;
        std::string created;
    };
    std::vector<StoredReport> reports() const;

    struct State;
    State& state() { return *m_state; } ///< for core only
    explicit Project(std::unique_ptr<State> state);

private:
    std::unique_ptr<State> m_state;
};

/// What an experiment without stages trains, for people: "LoRA + IA3"; of an adapter that it goes
/// on from, the folder or stage.
std::string methodsInWords(const Experiment& experiment);

} // namespace tw
