// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/base/text.h"
#include "core/data/chat_templates.h"
#include "core/experiment/adaptations.h"
#include "core/experiment/parts.h"
#include "core/experiment/stages.h"
#include "core/experiment/task_head.h"
#include "core/objective/registry.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"
#include "core/workbench/answers.h"
#include "core/workbench/check_data.h"
#include "core/workbench/workspace_state.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <tuple>
#include <unordered_set>

namespace tw {
namespace {

/// Collects everything that is wrong with an experiment, each at its field.
class Checker
{
public:
    Checker(const Experiment& experiment, OpenFiles& files, JobControl& control)
        : m_experiment(experiment)
        , m_files(files)
        , m_control(control)
    {
    }

    CheckReport run()
    {
        checkNumbers();
        checkPlugins();
        checkModel();
        checkAdaptations();
        checkData({m_experiment, m_files, m_control, m_tokenizer, m_templates,
                   m_source ? m_source->config : ModelConfig {}, m_needsTokenizer,
                   m_source ? &*m_source : nullptr},
                  m_report);
        return std::move(m_report);
    }

private:
    void add(const std::string& field,
             const std::string& what,
             const std::string& hint,
             bool isWarning = false)
    {
        m_report.problems.push_back({field, what, hint, isWarning});
    }

    /// Runs work; an Error becomes a problem at field. True where all went well.
    bool guarded(const std::string& field, const std::function<void()>& work)
    {
        try {
            work();
            return true;
        } catch (const Error& error) {
            add(field, error.what(), error.hint());
            return false;
        }
    }

    void inRange(const char* field, double value, double lowest, double highest)
    {
        if (!(value >= lowest && value <= highest))
            add(field,
                "Has to be between " + toText(lowest) + " and " + toText(highest) + "; it is "
                    + toText(value) + ".",
                {});
    }

    void checkNumbers()
    {
        const Experiment& e = m_experiment;
        const auto real = [](std::int64_t value) { return static_cast<double>(value); };
        inRange("steps", real(e.steps), 1, 10'000'000);
        inRange("batchRows", real(e.batchRows), 1, 4096);
        inRange("accumulation", real(e.accumulation), 1, 4096);
        inRange("maxLength", real(e.maxLength), 2, 1'000'000);
        inRange("evaluateEvery", real(e.evaluateEvery), 0, 10'000'000);
        inRange("checkpointEvery", real(e.checkpointEvery), 0, 10'000'000);
        inRange("keepCheckpoints", real(e.keepCheckpoints), 1, 100'000);
        inRange("seed", real(e.seed), 0, 9.2e18);
        inRange("threads", real(e.threads), 0, 1024);
        inRange("heldOutShare", e.heldOutShare, 0, 0.9);
        if (e.device != "auto" && e.device != "cpu")
            add("device", "This build computes on the CPU only; \"" + e.device + "\" is not there.",
                "Choose auto or cpu.");
        guarded("layout", [&] { layoutFrom(e.layout); });
    }

    template <typename Plugin>
    void checkPlugin(const std::string& field,
                     const Registry<Plugin>& registry,
                     const PluginChoice& choice)
    {
        guarded(field + ".method", [&] {
            append(checkValues(registry.at(choice.method).params, choice.settings,
                               field + ".settings."));
        });
    }

    void append(const Problems& problems, const std::string& prefix = {})
    {
        for (Problem problem : problems) {
            problem.field = prefix + problem.field;
            m_report.problems.push_back(std::move(problem));
        }
    }

    void checkPlugins()
    {
        checkPlugin("objective", objectives(), m_experiment.objective);
        checkPlugin("optimizer", optimizers(), m_experiment.optimizer);
        checkPlugin("schedule", schedules(), m_experiment.schedule);
        checkRise();
    }

    /// A run that ends while its learning rate still rises hardly learns; one whose only step has a
    /// rate of 0 learns nothing.
    void checkRise()
    {
        constexpr std::int64_t kMostLooked = 100'000; // the longest warm-up that a schedule takes
        const PluginChoice& choice = m_experiment.schedule;
        const Schedule* schedule = schedules().find(choice.method);
        if (schedule == nullptr || blocks(checkValues(schedule->params, choice.settings, {})))
            return; // told already
        double highest = 0.0;
        for (std::int64_t step = 0; step < std::min(m_experiment.steps, kMostLooked); ++step) {
            highest =
                std::max(highest, schedule->factor(step, m_experiment.steps, choice.settings));
            if (highest >= 1.0)
                return;
        }
        const std::string hint = "Choose more steps or a shorter warm-up.";
        if (m_experiment.steps >= 1 && highest <= 0.0)
            add("schedule", "This run would learn nothing: its learning rate is 0 at every step.",
                hint);
        else if (m_experiment.steps >= 1)
            add("schedule",
                "The learning rate reaches only " + fixedDecimals(100.0 * highest, 0)
                    + " % of what is set: the run ends while it still rises.",
                hint, true);
    }

    void checkModel()
    {
        if (m_experiment.model.empty())
            return add("model", "No model is chosen.", "Choose a model folder or a GGUF file.");
        if (!guarded("model", [&] { m_source = openModelOf(m_experiment); }))
            return;
        checkTask();
        const Objective* objective = objectives().find(m_experiment.objective.method);
        m_needsTokenizer = objective == nullptr || needsTokenizer(*objective, m_source->config);
        if (m_needsTokenizer)
            guarded("model", [&] { m_tokenizer = m_files.tokenizer(m_experiment.model); });
        guarded("model", [&] { m_templates = rowTemplatesOf(m_experiment.model); });
        const std::int64_t context = m_source->config.contextLength;
        const bool isCut = mediumOf(m_source->config) == RowMedium::Text; // others are read whole
        if (isCut && context > 0 && m_experiment.maxLength > context)
            add("maxLength",
                "Longer than the model's context of " + groupedDigits(context) + " tokens.",
                "Choose " + std::to_string(context) + " or less.");
    }

    void checkTask()
    {
        const Objective* objective = objectives().find(m_experiment.objective.method);
        const ModelConfig& model = m_source->config;
        if (objective == nullptr || taskOf(*objective, *m_source))
            return;
        if (std::ranges::find(objective->tasks, ModelTask::CausalLm) != objective->tasks.end())
            add("model", "A model of the kind " + model.architecture + " does not continue text.",
                "Choose a model whose class ends with ForCausalLM, or another objective.");
        else
            add("model",
                "The objective \"" + objective->id + "\" cannot train a model of the kind "
                    + model.architecture + ".",
                "Choose another model or another objective.");
    }

    void checkAdaptations()
    {
        append(tw::checkAdaptations(m_experiment,
                                    m_source ? m_source->sites() : std::vector<SiteInfo> {}));
        if (m_source)
            checkVirtualTokens(m_source->config);
    }

    /// Virtual tokens stand in the context before each row.
    void checkVirtualTokens(const ModelConfig& model)
    {
        if (model.contextLength <= 0)
            return;
        for (std::size_t i = 0; i < m_experiment.adaptations.size(); ++i) {
            const AdaptationChoice& choice = m_experiment.adaptations[i];
            const Adaptation* method = adaptations().find(choice.method);
            if (!choice.from.empty() || method == nullptr || !method->virtualTokens
                || blocks(checkValues(method->params, choice.settings, {})))
                continue; // read from a file, or told already
            const std::int64_t count = method->virtualTokens(choice.settings);
            const std::int64_t left = model.contextLength - count;
            // Only a table of positions ends; turned ones go on beyond what the model has learned.
            if (left < m_experiment.maxLength)
                add("adaptations[" + std::to_string(i) + "].settings.virtualTokens",
                    std::to_string(count) + " virtual tokens and rows of up to "
                        + groupedDigits(m_experiment.maxLength)
                        + " tokens are longer than the model's context of "
                        + groupedDigits(model.contextLength) + ".",
                    left > 1 ? "Shorten the rows to " + std::to_string(left)
                            + " tokens (maxLength), or choose fewer virtual tokens."
                             : std::string("Choose fewer virtual tokens."),
                    model.positions != Positions::Learned && left > 1);
        }
    }

    const Experiment& m_experiment;
    OpenFiles& m_files;
    JobControl& m_control;
    CheckReport m_report;
    std::optional<ModelSource> m_source;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    bool m_needsTokenizer = true;
    RowTemplates m_templates;
};

/// Fields of a stage are its own where it sets them, else those of the whole experiment.
std::string fieldWithin(const Stage& stage, std::size_t index, const std::string& field)
{
    Stage nameless = stage;
    nameless.name.clear();
    Experiment only;
    only.stages = {nameless};
    const std::string root = field.substr(0, field.find_first_of(".["));
    const auto own = [&](const FieldDifference& difference) {
        return difference.field.starts_with("stages[0]." + root);
    };
    const bool isOwn = std::ranges::any_of(differences(only, Experiment {}), own);
    return (isOwn ? "stages[" + std::to_string(index) + "]." : "") + field;
}

/// Problems of stages, each once.
class StageProblems
{
public:
    explicit StageProblems(const Experiment& experiment)
        : m_experiment(experiment)
    {
    }

    void add(Problem problem, std::size_t stage)
    {
        if (!m_experiment.stages.empty())
            problem.field = fieldWithin(m_experiment.stages[stage], stage, problem.field);
        const auto known = std::ranges::find(m_found, problem, &Found::problem);
        if (known == m_found.end())
            m_found.push_back({std::move(problem), {stage}});
        else if (known->stages.back() != stage)
            known->stages.push_back(stage);
    }

    /// What a stage has inherited may be wrong in it alone: it is named then.
    Problems take()
    {
        Problems problems;
        for (Found& found : m_found) {
            const bool isShared = !found.problem.field.starts_with("stages[");
            if (isShared && found.stages.size() < m_experiment.stages.size())
                found.problem.what = namesOf(found.stages) + ": " + found.problem.what;
            problems.push_back(std::move(found.problem));
        }
        return problems;
    }

private:
    struct Found
    {
        Problem problem;
        std::vector<std::size_t> stages; ///< that have it
    };

    std::string namesOf(const std::vector<std::size_t>& stages) const
    {
        std::vector<std::string> names;
        for (const std::size_t stage : stages)
            names.push_back("\"" + m_experiment.stages[stage].name + "\"");
        return (names.size() == 1 ? "Stage " : "Stages ") + join(names, ", ");
    }

    const Experiment& m_experiment;
    std::vector<Found> m_found;
};

/// Each stage is looked at as an experiment of its own; what is wrong with all of them is said
/// once. Proof and plan are those of the stage with the most to do.
CheckReport checkedStages(const Experiment& experiment, OpenFiles& files, JobControl& control)
{
    CheckReport all;
    all.problems = checkStages(experiment);
    StageProblems found(experiment);
    const std::vector<Experiment> stages = stagesOf(experiment);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        CheckReport one = Checker(stages[i], files, control).run();
        for (Problem& problem : one.problems)
            found.add(std::move(problem), i);
        if (i == 0 || one.train.tokens > all.train.tokens) {
            all.train = one.train;
            all.heldOut = one.heldOut;
        }
        all.stages.push_back({std::move(one.train), std::move(one.heldOut)});
    }
    for (Problem& problem : found.take())
        if (std::ranges::find(all.problems, problem) == all.problems.end())
            all.problems.push_back(std::move(problem));
    return all;
}

/// Memory and time, and whether the machine has that memory.
void addPlan(CheckReport& report, const Experiment& experiment, std::int64_t threads)
{
    if (experiment.model.empty() || !std::filesystem::exists(experiment.model))
        return;
    ModelSummary model;
    try {
        model = summaryOfModel(experiment.model);
    } catch (const Error&) { // the check has said what is wrong with it
        return;
    }
    if (!model.loads) {
        if (!blocks(report.problems))
            report.problems.push_back(
                {"model", "The model does not load: " + model.whyNot, {}, false});
        return;
    }
    const double perRow = report.train.rows > 0
        ? static_cast<double>(report.train.tokens) / static_cast<double>(report.train.rows)
        : 0.0;
    report.plan = planOfAll(model, experiment, {perRow, report.train.labels}, threads);
    const std::uint64_t available = availableMemory();
    if (available > 0 && report.plan.totalBytes() > available)
        report.problems.push_back(
            {"batchRows",
             "The run is going to need about " + bytesInWords(report.plan.totalBytes()) + "; "
                 + bytesInWords(available) + " are free.",
             "Use fewer rows per batch, shorter rows, or close other programs.", true});
}

} // namespace

Job<CheckReport> Workspace::check(const Experiment& experiment)
{
    // As a run takes them: what the workspace was told, else the document, else all.
    const std::int64_t wanted = m_state->threads > 0 ? m_state->threads : experiment.threads;
    const std::int64_t threads = wanted > 0 ? wanted : device().threads;
    return m_state->start(Lane::Kind::Light,
                          [files = m_state->files, experiment, threads](JobControl& control) {
                              CheckReport report = checkedStages(experiment, *files, control);
                              addPlan(report, experiment, threads);
                              return report;
                          });
}

} // namespace tw
