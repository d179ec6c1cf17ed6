// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/run.h"

#include "core/base/atomic_file.h"
#include "core/experiment/provenance.h"
#include "core/experiment/stage_run.h"
#include "core/experiment/stages.h"
#include "core/job/failure.h"

#include <ATen/Parallel.h>

#include <map>

namespace tw {
namespace {

namespace fs = std::filesystem;

/// One run under way: its stages, one after the other.
class ExperimentRun
{
public:
    ExperimentRun(const std::shared_ptr<ProjectFile>& file,
                  std::int64_t run,
                  const Experiment& experiment,
                  JobControl& control)
        : m_experiment(experiment)
        , m_stages(stagesOf(experiment))
        , m_control(control)
        , m_log(file, run)
        , m_projectFolder(file->folder())
        , m_folder(file->runFolder(run))
    {
    }

    void run()
    {
        const std::size_t first = firstUnfinished();
        for (std::size_t i = 0; i < first; ++i)
            m_offset += m_stages[i].steps;
        const bool isBegun = first < m_stages.size();
        m_totals.step = m_offset + (isBegun ? stepsDone(folderOf(first)) : 0);
        m_log.begin(m_totals.step);
        m_totals.tokens = m_log.measured(m_totals.step, "tokens");
        m_totals.seconds = m_log.measured(m_totals.step, "seconds");
        m_log.event(m_totals.step, m_totals.step > 0 ? "resumed" : "started",
                    "With " + std::to_string(at::get_num_threads()) + " threads, float32, seed "
                        + std::to_string(m_experiment.seed) + ".");
        try {
            if (m_totals.step == 0)
                m_log.setAdapter("");
            finish(runFrom(first));
        } catch (const Cancelled&) {
            m_log.event(m_totals.step, "stopped", "Dropped; what was saved last is kept.");
            m_log.setState(RunState::Stopped);
            throw;
        } catch (const std::exception& error) {
            recordFailure(failureOf(error));
            throw;
        }
    }

private:
    fs::path folderOf(std::size_t stage) const
    {
        return stageFolder(m_folder, m_experiment, stage);
    }

    std::size_t firstUnfinished() const
    {
        std::size_t stage = 0;
        // An experiment without stages is begun again by whoever asks for it: it only saves anew.
        while (!m_experiment.stages.empty() && stage < m_stages.size()
               && isFinished(m_stages[stage], folderOf(stage)))
            ++stage;
        return stage;
    }

    /// False where somebody asked to end it early.
    bool runFrom(std::size_t first)
    {
        std::error_code code;
        fs::create_directories(m_folder, code); // writing into it says what is wrong
        writeFile(m_folder / "experiment.json", toJsonText(m_experiment));
        const Provenance provenance = provenanceOf(m_experiment, at::get_num_threads(), m_control);
        m_log.setProvenance(provenance.json);
        for (std::size_t i = first; i < m_stages.size(); ++i) {
            sayBegin(i);
            const Experiment stage = withResults(m_stages[i], resultsBefore(i));
            const std::string which = m_experiment.stages.empty() ? "" : "/" + std::to_string(i);
            const StageSurroundings around {m_log,
                                            m_control,
                                            m_totals,
                                            m_projectFolder,
                                            folderOf(i),
                                            m_offset,
                                            provenance.fingerprint + which};
            if (!runStage(stage, around))
                return false;
            m_offset += stage.steps;
            m_totals.step = m_offset;
        }
        return true;
    }

    void sayBegin(std::size_t stage)
    {
        if (!m_experiment.stages.empty())
            m_log.event(m_totals.step, "stage",
                        "Stage " + std::to_string(stage + 1) + " of "
                            + std::to_string(m_stages.size()) + ": "
                            + m_experiment.stages[stage].name + ".");
    }

    std::map<std::string, StageResult> resultsBefore(std::size_t stage) const
    {
        std::map<std::string, StageResult> results;
        for (std::size_t i = 0; i < stage; ++i) {
            const fs::path folder = folderOf(i);
            const bool hasOwn = fs::exists(trainedFolder(folder));
            results[m_experiment.stages[i].name] = {
                resultFolder(folder), hasOwn ? trainedFolder(folder) : resultFolder(folder)};
        }
        return results;
    }

    void finish(bool isWhole)
    {
        if (isWhole)
            m_log.event(m_totals.step, "finished",
                        "All " + std::to_string(totalSteps(m_experiment)) + " steps are done.");
        else
            m_log.event(m_totals.step, "stopped",
                        "Stopped and saved after step " + std::to_string(m_totals.step) + ".");
        m_log.setState(isWhole ? RunState::Finished : RunState::Stopped);
    }

    void recordFailure(const Failure& failure)
    {
        try {
            m_log.setState(RunState::Failed, failure.what + "\n" + failure.hint);
            m_log.event(m_totals.step, "failed", failure.what + " " + failure.hint);
        } catch (
            const DatabaseError&) { // a full disk fails both; the first reason is the one to tell
        }
    }

    const Experiment& m_experiment;
    std::vector<Experiment> m_stages;
    JobControl& m_control;
    RunLog m_log;
    fs::path m_projectFolder;
    fs::path m_folder;
    RunTotals m_totals;
    std::int64_t m_offset = 0; ///< steps of the stages before the one under way
};

} // namespace

void runExperiment(const std::shared_ptr<ProjectFile>& file,
                   std::int64_t run,
                   const Experiment& experiment,
                   std::int64_t threads,
                   JobControl& control)
{
    if (threads > 0)
        at::set_num_threads(static_cast<int>(threads));
    ExperimentRun(file, run, experiment, control).run();
}

} // namespace tw
