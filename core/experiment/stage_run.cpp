// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/stage_run.h"

#include "core/base/atomic_file.h"
#include "core/data/chat_templates.h"
#include "core/experiment/adaptations.h"
#include "core/experiment/parts.h"
#include "core/experiment/samples.h"
#include "core/experiment/scores.h"
#include "core/experiment/task_head.h"
#include "core/model/model.h"
#include "core/objective/registry.h"
#include "core/train/checkpoint.h"
#include "core/train/media_batches.h"
#include "core/train/training.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace tw {
namespace {

namespace fs = std::filesystem;

/// Batches that methods may look at which start from what the model computes.
constexpr std::int64_t kCalibrationBatches = 8;

std::string fixed(double value)
{
    std::array<char, 48> out {};
    std::snprintf(out.data(), out.size(), "%.4f", value);
    return out.data();
}

/// One stage under way: the parts that the loop is given, and what is written down of it.
class StageRun
{
public:
    StageRun(const Experiment& experiment, const StageSurroundings& around)
        : m_experiment(experiment)
        , m_around(around)
        , m_control(around.control)
        , m_log(around.log)
        , m_checkpoints(around.folder / "checkpoints")
        , m_fromStep(newestWholeCheckpoint(m_checkpoints).state.step)
    {
    }

    bool run()
    {
        recordCheckpointsThatAreThere();
        std::error_code code;
        fs::create_directories(m_checkpoints, code);
        if (code)
            throw Error("Cannot make the folder " + m_checkpoints.string() + ": " + code.message()
                            + ".",
                        "Choose a project folder that you may write to.");
        const ModelSource found = openModelOf(m_experiment);
        if (needsTokenizer(objectives().at(m_experiment.objective.method), found.config))
            m_tokenizer = openTokenizer(m_experiment.model);
        prepareData(found.config);
        const ModelSource source = sourceFor(m_experiment, found, m_labels);
        m_model = loadModel(source, m_control);
        attach();
        recordTrained();
        const OptimizerMethod& method = optimizers().at(m_experiment.optimizer.method);
        const auto optimizer =
            method.make(m_methods.trained->parameters(), m_experiment.optimizer.settings);
        optimizer->treat(m_methods.treatments);
        const TrainingParts parts {*m_model,
                                   *m_methods.trained,
                                   objectives().at(m_experiment.objective.method),
                                   m_experiment.objective.settings,
                                   *optimizer,
                                   schedules().at(m_experiment.schedule.method),
                                   m_experiment.schedule.settings,
                                   *m_batches,
                                   m_tokenizer.get()};
        const TrainingResult result = train(parts, plan(), events(), m_control);
        write();
        m_log.progress(m_around.offset + result.steps, m_around.totals.seconds);
        return !result.isStopped;
    }

private:
    /// One may have been written right before the process died; another may be damaged.
    void recordCheckpointsThatAreThere()
    {
        for (const std::int64_t step : checkpointSteps(m_checkpoints)) {
            if (step <= m_fromStep)
                recordCheckpoint(step, checkpointFolder(m_checkpoints, step));
            else
                m_log.dropCheckpoint(m_around.offset + step);
        }
    }

    void prepareData(const ModelConfig& model)
    {
        const ExperimentData data =
            openData(m_experiment, [](const std::string& path) { return openDataset(path); });
        const RowTemplates templates = rowTemplatesOf(m_experiment.model);
        const RowPlan plan = rowPlan(m_experiment, model, data);
        m_labels = plan.labels.classes;
        m_medium = plan.medium;
        const RowTokenizer rows =
            rowTokenizer(m_experiment, plan, data.train.roles, m_tokenizer, templates);
        TokenizedSlice train = tokenizeSlice(data.train, rows, m_control);
        if (train.rows.empty())
            throw Error("This run would learn nothing: none of the "
                            + std::to_string(train.proof.rows) + " rows of "
                            + m_experiment.train.path + " has a token to train on."
                            + (train.proof.firstFailure.empty() ? "" : " First: ")
                            + train.proof.firstFailure,
                        "Check the roles of the columns and the length limit.");
        sayLeftOut(train.proof);
        complete(train.rows);
        m_batches = withFiles(batchesOf(std::move(train)));
        if (!data.heldOut.rows.empty()) {
            const RowTokenizer heldOut =
                rowTokenizer(m_experiment, plan, data.heldOut.roles, m_tokenizer, templates);
            TokenizedSlice slice = tokenizeSlice(data.heldOut, heldOut, m_control);
            complete(slice.rows);
            m_heldOut = withFiles(ordered(std::move(slice)));
            if (writesText(model.task))
                m_samples = samplePrompts(data.heldOut, heldOut);
        }
        if (data.general.dataset && writesText(model.task)) {
            const RowTokenizer general =
                generalTokenizer(m_experiment, model, data.general.roles, m_tokenizer);
            m_general = ordered(tokenizeSlice(data.general, general, m_control));
        }
    }

    std::unique_ptr<BatchSource> batchesOf(TokenizedSlice train) const
    {
        if (!m_experiment.shuffle)
            return ordered(std::move(train));
        return shuffledBatches(std::move(train.rows), m_experiment.batchRows,
                               m_experiment.groupByLength,
                               static_cast<std::uint64_t>(m_experiment.seed));
    }

    std::unique_ptr<BatchSource> withFiles(std::unique_ptr<BatchSource> batches) const
    {
        if (!batches || m_medium == RowMedium::Text)
            return batches;
        return mediaBatches(std::move(batches), m_medium, m_experiment.model);
    }

    void complete(std::vector<TokenizedRow>& rows) const
    {
        const Objective& objective = objectives().at(m_experiment.objective.method);
        if (objective.prepare && !rows.empty())
            objective.prepare(rows, m_experiment.objective.settings, m_experiment.maxLength);
    }

    void sayLeftOut(const TokenProof& proof)
    {
        const std::size_t count = proof.failed.size() + proof.nothingTrained.size();
        if (count > 0 && m_fromStep == 0)
            m_log.event(
                m_around.offset, "note",
                std::to_string(count) + " of " + std::to_string(proof.rows)
                    + " rows are left out: they cannot be laid out or have no token to train on.");
    }

    std::unique_ptr<BatchSource> ordered(TokenizedSlice slice) const
    {
        return slice.rows.empty() ? nullptr
                                  : orderedBatches(std::move(slice.rows), m_experiment.batchRows);
    }

    void attach()
    {
        const Objective& objective = objectives().at(m_experiment.objective.method);
        m_methods = attachMethods(*m_model, m_experiment, calibration(objective));
        if (!objective.reference)
            return;
        m_batches = withReferences(objective, std::move(m_batches));
        if (m_heldOut)
            m_heldOut = withReferences(objective, std::move(m_heldOut));
    }

    /// How many numbers the stage trains: what methods are compared by.
    void recordTrained()
    {
        std::int64_t trained = 0;
        for (const auto& [name, parameter] : m_methods.trained->parameters())
            trained += parameter.numel();
        if (m_fromStep == 0)
            m_log.metric(m_around.offset, "trainedParameters", static_cast<double>(trained));
    }

    /// The first batches as training is going to read them, with their masks and spans: where a run
    /// starts from what the model computes, that should be what it will compute. An encoder with a
    /// decoder cannot read a plain text at all before an objective has split it.
    std::vector<PackedInput> calibration(const Objective& objective) const
    {
        std::vector<PackedInput> read;
        if (m_medium != RowMedium::Text) // these models read no packed rows
            return read;
        const std::int64_t count = std::min(kCalibrationBatches, m_batches->batchesPerEpoch());
        for (std::int64_t i = 0; i < count; ++i) {
            Batch batch = m_batches->batch(i);
            if (objective.corrupt) {
                RandomStream random =
                    corruptionStream(static_cast<std::uint64_t>(m_experiment.seed), i);
                objective.corrupt(batch, *m_model, m_experiment.objective.settings,
                                  {0, m_experiment.steps, true, m_tokenizer.get()}, random);
            }
            read.push_back(packedInput(batch));
        }
        return read;
    }

    /// What the model says of each row before it is trained: the same after a resume, since the
    /// values that a run starts from follow from its document.
    std::unique_ptr<BatchSource> withReferences(const Objective& objective,
                                                std::unique_ptr<BatchSource> batches)
    {
        const at::NoGradGuard noGradients;
        std::vector<double> references;
        const std::int64_t count = batches->batchesPerEpoch();
        for (std::int64_t i = 0; i < count; ++i) {
            m_control.throwIfCancelled();
            m_control.report("reference", i, count);
            const Batch batch = batches->batch(i);
            const auto values =
                objective.reference(*m_model, batch, m_experiment.objective.settings);
            for (std::size_t row = 0; row < values.size(); ++row) {
                const auto number = static_cast<std::size_t>(batch.rowNumbers[row]);
                references.resize(std::max(references.size(), number + 1));
                references[number] = values[row];
            }
        }
        return referencedBatches(std::move(batches), std::move(references));
    }

    TrainingPlan plan() const
    {
        TrainingPlan plan;
        plan.steps = m_experiment.steps;
        plan.accumulation = m_experiment.accumulation;
        plan.evaluateEvery = m_experiment.evaluateEvery;
        plan.checkpointEvery = m_experiment.checkpointEvery;
        plan.keepCheckpoints = m_experiment.keepCheckpoints;
        plan.folder = m_checkpoints;
        plan.seed = static_cast<std::uint64_t>(m_experiment.seed);
        plan.baseModelName = m_experiment.model;
        plan.fingerprint = m_around.fingerprint;
        return plan;
    }

    TrainingEvents events()
    {
        TrainingEvents events;
        events.stepped = [this](const StepReport& report) { stepped(report); };
        events.evaluate = [this](std::int64_t step) { evaluate(step); };
        events.saved = [this](std::int64_t step, const fs::path& folder) { saved(step, folder); };
        events.noticed = [this](const std::string& text) {
            m_log.event(m_around.totals.step, "note", text);
        };
        return events;
    }

    void stepped(const StepReport& report)
    {
        RunTotals& totals = m_around.totals;
        totals.step = m_around.offset + report.step;
        totals.tokens += static_cast<double>(report.tokens);
        totals.seconds += report.seconds;
        m_log.metric(totals.step, "loss", report.loss);
        m_log.metric(totals.step, "learningRate", report.learningRate);
        m_log.metric(totals.step, "gradientNorm", report.gradientNorm);
        m_log.metric(totals.step, "tokensPerSecond", report.tokensPerSecond());
        m_log.metric(totals.step, "memoryBytes", static_cast<double>(report.memoryBytes));
        for (const auto& [name, value] : report.measures)
            m_log.metric(totals.step, name, value);
        m_log.metric(totals.step, "tokens", totals.tokens);
        m_log.metric(totals.step, "seconds", totals.seconds);
        m_log.progress(totals.step, totals.seconds);
        const bool isPaused = m_control.pauseAsked();
        if (isPaused != m_wasPaused)
            m_log.setState(isPaused ? RunState::Paused : RunState::Running);
        m_wasPaused = isPaused;
        // A checkpoint may follow. If the process dies right behind it, nobody measures these steps
        // again, so they have to be in the file before it.
        const bool isCheckpointDue =
            m_experiment.checkpointEvery > 0 && report.step % m_experiment.checkpointEvery == 0;
        if (isCheckpointDue || report.step == m_experiment.steps || m_control.stopAsked())
            m_log.flush();
    }

    void evaluate(std::int64_t step)
    {
        m_around.totals.step = m_around.offset + step;
        if (step == 0 && m_around.offset > 0)
            return; // the stage before has ended with it
        const bool isEnd = step == m_experiment.steps;
        const bool isDue =
            step == 0 || (m_experiment.evaluateEvery > 0 && step % m_experiment.evaluateEvery == 0);
        if (m_control.stopAsked() && !isEnd && !isDue) { // somebody waits for the run to end
            m_log.flush(); // a checkpoint follows, as above
            return;
        }
        std::string text;
        const auto note = [&](const char* title, double loss) {
            text += (text.empty() ? "" : ", ") + std::string(title) + " " + fixed(loss);
        };
        if (m_heldOut)
            note("held-out loss", measureHeldOut(step));
        if (m_general && m_model->config().task == ModelTask::CausalLm)
            note("general loss", measureGeneral(step));
        if (!text.empty())
            m_log.event(m_around.offset + step, "evaluation", text + unit());
        if (step == 0 || isEnd)
            for (const SamplePrompt& prompt : m_samples)
                m_log.sample(m_around.offset + step, prompt.text, prompt.target,
                             greedyAnswer(*m_model, *m_tokenizer, prompt, m_control));
        m_log.flush();
    }

    std::string unit() const
    {
        const RowUse rows = objectives().at(m_experiment.objective.method).rows;
        return rows == RowUse::Text || rows == RowUse::Answer ? " nats per token" : "";
    }

    double measureHeldOut(std::int64_t step)
    {
        m_control.report("held-out loss", 0, 0);
        const HeldOutLoss all =
            heldOutLoss(*m_model, objectives().at(m_experiment.objective.method),
                        m_experiment.objective.settings, *m_heldOut, m_control, m_tokenizer.get());
        m_log.metric(m_around.offset + step, "heldOut.loss", all.mean());
        for (const auto& [name, sum] : all.measures)
            m_log.metric(m_around.offset + step, "heldOut." + name, all.meanOf(sum));
        for (const auto& [name, ratio] : all.ratios)
            m_log.metric(m_around.offset + step, "heldOut." + name, ratio.mean());
        scoreHeldOut(step);
        return all.mean();
    }

    /// What only all rows together tell: how well each class is found, correlations.
    void scoreHeldOut(std::int64_t step)
    {
        const Objective& objective = objectives().at(m_experiment.objective.method);
        if (!objective.predict)
            return;
        m_scores = labelScores(*m_model, objective, m_experiment.objective.settings, *m_heldOut,
                               m_control);
        for (const auto& [name, value] : m_scores->metrics)
            m_log.metric(m_around.offset + step, "heldOut." + name, value);
    }

    /// Whatever is aimed at, forgetting shows in how well general text is continued.
    double measureGeneral(std::int64_t step)
    {
        m_control.report("general loss", 0, 0);
        const HeldOutLoss all =
            heldOutLoss(*m_model, objectives().at("supervised"), {}, *m_general, m_control);
        m_log.metric(m_around.offset + step, "general.loss", all.mean());
        for (const auto& [name, ratio] : all.ratios)
            m_log.metric(m_around.offset + step, "general." + name, ratio.mean());
        return all.mean();
    }

    void saved(std::int64_t step, const fs::path& folder)
    {
        recordCheckpoint(step, folder);
        std::erase_if(m_recorded, [this](std::int64_t old) {
            if (fs::exists(checkpointFolder(m_checkpoints, old)))
                return false;
            m_log.dropCheckpoint(m_around.offset + old);
            return true;
        });
        const std::int64_t overall = m_around.offset + step;
        m_log.event(overall, "checkpoint", "Saved after step " + std::to_string(overall) + ".");
    }

    void recordCheckpoint(std::int64_t step, const fs::path& folder)
    {
        const std::string relative = relativePath(folder);
        m_log.checkpoint(m_around.offset + step, relative);
        m_recorded.push_back(step);
        m_log.setAdapter(relative);
    }

    std::string relativePath(const fs::path& folder) const
    {
        return folder.lexically_relative(m_around.projectFolder).string();
    }

    /// What lies over the model now, and where that is more than what was trained, this alone.
    void write()
    {
        m_control.report("saving", 0, 0);
        std::vector<const Adapter*> all;
        for (const auto& adapter : m_methods.frozen)
            all.push_back(adapter.get());
        if (!all.empty())
            writeAdapter(*m_methods.trained, m_experiment.model, trainedFolder(m_around.folder));
        all.push_back(m_methods.trained.get());
        writeAdapters(all, m_experiment.model, resultFolder(m_around.folder));
        m_log.setAdapter(relativePath(resultFolder(m_around.folder)));
        if (!m_scores)
            return;
        const std::string scores = toJsonText(m_scores->result);
        writeFile(m_around.folder / kScoresFile, scores);
        m_log.result(kScoresMethod, scores);
    }

    const Experiment& m_experiment;
    const StageSurroundings& m_around;
    JobControl& m_control;
    RunLog& m_log;
    fs::path m_checkpoints;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::vector<std::string> m_labels; ///< of the rows, by their number
    RowMedium m_medium = RowMedium::Text;
    std::shared_ptr<Model> m_model;
    AttachedMethods m_methods; // behind the model: they go first
    std::unique_ptr<BatchSource> m_batches;
    std::unique_ptr<BatchSource> m_heldOut;
    std::unique_ptr<BatchSource> m_general;
    std::vector<SamplePrompt> m_samples;
    std::optional<LabelScores> m_scores; ///< of the last evaluation, where rows have labels
    std::vector<std::int64_t> m_recorded; ///< steps whose checkpoints the project file lists
    std::int64_t m_fromStep = 0;
    bool m_wasPaused = false;
};

} // namespace

std::int64_t stepsDone(const fs::path& folder)
{
    return newestWholeCheckpoint(folder / "checkpoints").state.step;
}

bool isFinished(const Experiment& stage, const fs::path& folder)
{
    // The steps alone do not tell: the next stage looks for the result.
    return stepsDone(folder) >= stage.steps
        && fs::exists(resultFolder(folder) / "adapter_config.json");
}

bool runStage(const Experiment& stage, const StageSurroundings& around)
{
    return StageRun(stage, around).run();
}

} // namespace tw
