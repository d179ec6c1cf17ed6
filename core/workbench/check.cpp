// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/data/chat_templates.h"
#include "core/experiment/adaptations.h"
#include "core/experiment/parts.h"
#include "core/experiment/stages.h"
#include "core/objective/registry.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"
#include "core/workbench/answers.h"
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

DatasetOpener openerOf(OpenFiles& files)
{
    return [&files](const std::string& path) { return files.dataset(path); };
}

/// Collects everything that is wrong with an experiment, each at its field.
class Checker
{
public:
    Checker(const Experiment& experiment, OpenFiles& files, JobControl& control)
        : m_experiment(experiment)
        , m_files(files)
        , m_open(openerOf(files))
        , m_control(control)
    {
    }

    CheckReport run()
    {
        checkNumbers();
        checkPlugins();
        checkModel();
        checkAdaptations();
        checkData();
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
        if (!guarded("model", [&] { m_source = openModelSource(m_experiment.model); }))
            return;
        if (m_source->config.task != ModelTask::CausalLm)
            add("model",
                "A model of the kind " + m_source->config.architecture
                    + " does not continue text, and nothing else can be trained yet.",
                "Choose a model whose class ends with ForCausalLM.");
        guarded("model", [&] { m_tokenizer = m_files.tokenizer(m_experiment.model); });
        guarded("model", [&] { m_templates = rowTemplatesOf(m_experiment.model); });
        if (m_experiment.layout == "chat" && m_templates.plain.empty())
            add("layout", "The model brings no chat template.",
                "Choose another layout: chatml, alpaca or plain.");
        const std::int64_t context = m_source->config.contextLength;
        if (context > 0 && m_experiment.maxLength > context)
            add("maxLength",
                "Longer than the model's context of " + groupedDigits(context) + " tokens.",
                "Choose " + std::to_string(context) + " or less.");
    }

    void checkAdaptations()
    {
        append(tw::checkAdaptations(m_experiment,
                                    m_source ? m_source->sites() : std::vector<SiteInfo> {}));
    }

    /// What reading the file has mended or left out: a run would learn from the rest, and say so.
    void sayReading(const std::string& field, const DataSlice& slice)
    {
        constexpr std::size_t kMost = 5; // the first ones tell what is wrong with all
        Problems found = slice.dataset->problems();
        std::stable_partition(found.begin(), found.end(),
                              [](const Problem& problem) { return !problem.isWarning; });
        for (std::size_t i = 0; i < std::min(found.size(), kMost); ++i)
            add(field, found[i].field + ": " + found[i].what, found[i].hint, true);
        if (found.size() > kMost)
            add(field,
                "There are more places like these, at least " + std::to_string(found.size() - kMost)
                    + ".",
                "`tunewright-cli inspect` and the page Data list them.", true);
    }

    /// A guess that takes one column for the text and passes over the others may be wrong.
    void sayGuess(const DataSlice& slice)
    {
        std::string text;
        std::string ignored;
        for (const auto& [column, role] : slice.roles) {
            if (role == Role::Ignore)
                ignored += (ignored.empty() ? "" : ", ") + column;
            else if (role == Role::Text)
                text = column;
            else
                return;
        }
        if (!m_experiment.train.roles.empty() || text.empty() || ignored.empty())
            return;
        add("train.roles",
            "It was guessed that the column \"" + text
                + "\" is the text to learn; passed over: " + ignored + ".",
            "If prompts and answers stand in them, say so under roles: {COLUMN: \"prompt\", "
            "COLUMN: "
            "\"answer\"}.",
            true);
    }

    void checkData()
    {
        if (m_experiment.train.path.empty())
            return add("train.path", "No training data are chosen.",
                       "Choose a CSV, TSV, JSON, JSONL or text file.");
        DataSlice train;
        DataSlice heldOut;
        const bool hasTrain =
            guarded("train.path", [&] { train = openSlice(m_experiment.train, m_open); });
        if (hasTrain) {
            sayReading("train.path", train);
            sayGuess(train);
        }
        bool hasHeldOut = false;
        if (!m_experiment.heldOut.path.empty()) {
            hasHeldOut =
                guarded("heldOut.path", [&] { heldOut = openSlice(m_experiment.heldOut, m_open); });
            if (hasHeldOut)
                sayReading("heldOut.path", heldOut);
        } else if (hasTrain) {
            std::tie(train, heldOut) = splitSlice(train, m_experiment.heldOutShare,
                                                  static_cast<std::uint64_t>(m_experiment.seed));
            hasHeldOut = !heldOut.rows.empty();
        }
        const bool canLayOut =
            m_tokenizer && !(m_experiment.layout == "chat" && m_templates.plain.empty());
        if (canLayOut && hasTrain)
            proveTrain(train, heldOut, hasHeldOut);
        checkGeneral();
    }

    void checkGeneral()
    {
        if (m_experiment.general.path.empty())
            return add("general.path", "No general text is chosen, so forgetting is not measured.",
                       "Choose a text file of general knowledge.", true);
        DataSlice general;
        if (!guarded("general.path", [&] { general = openSlice(m_experiment.general, m_open); })
            || !m_tokenizer)
            return;
        guarded("general.roles", [&] {
            const RowTokenizer rows = generalTokenizer(m_experiment, general.roles, m_tokenizer);
            if (tokenizeSlice(general, rows, m_control).rows.empty())
                add("general.path",
                    "The general text has no usable paragraph, so forgetting is not measured.", {},
                    true);
        });
    }

    void proveTrain(const DataSlice& train, const DataSlice& heldOut, bool hasHeldOut)
    {
        TokenizedSlice trained;
        const bool isLaidOut = guarded("train.roles", [&] {
            trained = tokenizeSlice(
                train, rowTokenizer(m_experiment, train.roles, m_tokenizer, m_templates),
                m_control);
        });
        if (!isLaidOut)
            return;
        m_report.train = summaryOf(trained.proof);
        sayTrain(trained.proof);
        if (!hasHeldOut)
            return add("heldOut.path", "Nothing is held out, so what was learned is not measured.",
                       "Choose a held-out file or a share above 0.", true);
        guarded("heldOut.roles", [&] {
            const TokenizedSlice apart = tokenizeSlice(
                heldOut, rowTokenizer(m_experiment, heldOut.roles, m_tokenizer, m_templates),
                m_control);
            m_report.heldOut = summaryOf(apart.proof);
            sayHeldOut(trained, apart);
        });
    }

    ProofSummary summaryOf(const TokenProof& proof) const
    {
        ProofSummary summary;
        summary.rows = proof.rows;
        summary.tokens = proof.tokens;
        summary.trainedTokens = proof.trainedTokens;
        summary.failed = proof.failed;
        summary.truncated = proof.truncated;
        summary.nothingTrained = proof.nothingTrained;
        summary.duplicates = proof.duplicates;
        summary.lengths = proof.lengths;
        summary.maxLength = m_experiment.maxLength;
        summary.firstFailure = proof.firstFailure;
        return summary;
    }

    static std::string rowsText(std::size_t count, std::int64_t all)
    {
        return groupedDigits(static_cast<std::int64_t>(count)) + " of " + groupedDigits(all)
            + " rows";
    }

    void sayTrain(const TokenProof& proof)
    {
        if (proof.rows == 0)
            return add("train.path", "The training data have no rows.",
                       "Choose another file or a larger limit.");
        const auto usable = static_cast<std::size_t>(proof.rows) - proof.failed.size()
            - proof.nothingTrained.size();
        if (usable == 0) {
            const bool isCut = !proof.truncated.empty() && proof.failed.empty();
            return add(isCut ? "maxLength" : "train.roles",
                       "This run would learn nothing: no row has a token to train on. "
                           + (isCut ? std::string("Every answer lies behind the limit of ")
                                      + std::to_string(m_experiment.maxLength) + " tokens."
                                    : "First: "
                                      + (proof.firstFailure.empty() ? "all answers are empty."
                                                                    : proof.firstFailure)),
                       isCut ? "Raise the limit."
                             : "Check which column is the prompt and which the answer.");
        }
        if (!proof.failed.empty())
            add("train.path",
                rowsText(proof.failed.size(), proof.rows)
                    + " cannot be laid out. First: " + proof.firstFailure,
                "They are left out; mend them in the file.", true);
        if (!proof.nothingTrained.empty())
            add("train.path",
                rowsText(proof.nothingTrained.size(), proof.rows) + " have no token to train on.",
                "They are left out; are their answers empty, or cut away?", true);
        if (!proof.truncated.empty())
            add("maxLength",
                rowsText(proof.truncated.size(), proof.rows) + " are longer than "
                    + std::to_string(m_experiment.maxLength) + " tokens and lose their end.",
                "Raise the limit, or shorten these rows.", true);
        if (!proof.duplicates.empty())
            add("train.path",
                rowsText(proof.duplicates.size(), proof.rows) + " repeat an earlier one.",
                "They count twice; remove them unless you want that.", true);
    }

    void sayHeldOut(const TokenizedSlice& trained, const TokenizedSlice& apart)
    {
        if (apart.rows.empty())
            return add("heldOut.path",
                       "No held-out row can be used, so what was learned is not measured.",
                       "Check the roles of its columns.", true);
        const std::unordered_set<std::size_t> known(trained.fingerprints.begin(),
                                                    trained.fingerprints.end());
        for (std::size_t i = 0; i < apart.fingerprints.size(); ++i)
            if (apart.fingerprints[i] != 0 && known.count(apart.fingerprints[i]) > 0)
                m_report.heldOut.leaked.push_back(static_cast<std::int64_t>(i));
        if (!m_report.heldOut.leaked.empty())
            add("heldOut.path",
                rowsText(m_report.heldOut.leaked.size(), apart.proof.rows)
                    + " held out also stand in the training data.",
                "The held-out loss looks better than it is; remove them from one of the two.",
                true);
    }

    const Experiment& m_experiment;
    OpenFiles& m_files;
    DatasetOpener m_open;
    JobControl& m_control;
    CheckReport m_report;
    std::optional<ModelSource> m_source;
    std::shared_ptr<const Tokenizer> m_tokenizer;
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

/// Each stage is looked at as an experiment of its own; what is wrong with all of them is said
/// once. Proof and plan are those of the stage with the most to do.
CheckReport checkedStages(const Experiment& experiment, OpenFiles& files, JobControl& control)
{
    CheckReport all;
    all.problems = checkStages(experiment);
    const std::vector<Experiment> stages = stagesOf(experiment);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        CheckReport one = Checker(stages[i], files, control).run();
        for (Problem& problem : one.problems) {
            if (!experiment.stages.empty())
                problem.field = fieldWithin(experiment.stages[i], i, problem.field);
            if (std::ranges::find(all.problems, problem) == all.problems.end())
                all.problems.push_back(std::move(problem));
        }
        if (i == 0 || one.train.tokens > all.train.tokens) {
            all.train = std::move(one.train);
            all.heldOut = std::move(one.heldOut);
        }
    }
    return all;
}

/// Of a recipe: the memory of the stage that needs most, the time of all.
Plan planOfAll(const ModelSummary& model,
               const Experiment& experiment,
               double tokensPerRow,
               std::int64_t threads)
{
    Plan largest;
    double seconds = 0.0;
    for (const Experiment& stage : stagesOf(experiment)) {
        Plan plan = planOf(model, stage, tokensPerRow, threads);
        seconds = seconds < 0 || plan.seconds < 0 ? -1.0 : seconds + plan.seconds;
        if (plan.totalBytes() > largest.totalBytes())
            largest = std::move(plan);
    }
    largest.seconds = seconds;
    return largest;
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
    report.plan = planOfAll(model, experiment, perRow, threads);
    const std::uint64_t available = availableMemory();
    if (available > 0 && report.plan.totalBytes() > available)
        report.problems.push_back(
            {"batchRows",
             "The run is going to need about " + bytesInWords(report.plan.totalBytes()) + "; "
                 + bytesInWords(available) + " are free.",
             "Use fewer rows per batch, shorter rows, or close other programs.", true});
}

RowTokens tokensOf(OpenFiles& files, const Experiment& experiment, bool heldOut, std::int64_t row)
{
    const ExperimentData data = openData(experiment, openerOf(files));
    const DataSlice& slice = heldOut ? data.heldOut : data.train;
    RowTokens out;
    out.row = row;
    if (row < 0 || row >= static_cast<std::int64_t>(slice.rows.size()))
        throw Error("There is no row " + std::to_string(row + 1) + "; this part has "
                        + std::to_string(slice.rows.size()) + ".",
                    "Choose another row.");
    const auto tokenizer = files.tokenizer(experiment.model);
    Experiment unlimited = experiment; // the proof shows what is cut, too
    unlimited.maxLength = std::numeric_limits<std::int64_t>::max();
    const RowTokenizer rows =
        rowTokenizer(unlimited, slice.roles, tokenizer, rowTemplatesOf(experiment.model));
    try {
        const TokenizedRow tokens =
            rows.tokenize(*slice.dataset, slice.rows[static_cast<std::size_t>(row)]);
        for (std::size_t i = 0; i < tokens.ids.size(); ++i)
            out.tokens.push_back({tokens.ids[i], repairedUtf8(tokenizer->tokenBytes(tokens.ids[i])),
                                  static_cast<TokenView::Kind>(tokens.kinds[i]),
                                  tokens.isTrained[i] != 0,
                                  static_cast<std::int64_t>(i) >= experiment.maxLength});
    } catch (const Error& error) { // the row is shown with the reason
        out.failure = error.what();
    }
    return out;
}

} // namespace

Job<RowTokens> Workspace::rowTokens(const Experiment& experiment, bool heldOut, std::int64_t row)
{
    return m_state->start(Lane::Kind::Light,
                          [files = m_state->files, experiment, heldOut, row](JobControl&) {
                              return tokensOf(*files, experiment, heldOut, row);
                          });
}

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
