// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/check_data.h"

#include "core/base/text.h"
#include "core/objective/registry.h"
#include "core/train/media_batches.h"
#include "core/train/training.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <unordered_set>

namespace tw {
namespace {

const char* whatToCheck(RowUse use)
{
    switch (use) {
    case RowUse::Preference:
        return "Check which columns are the prompt, the chosen and the rejected answer.";
    case RowUse::Judged:
        return "Check which columns are the prompt, the answer and the label.";
    case RowUse::Labels:
        return "Check which column is the text and which the label.";
    case RowUse::TokenLabels:
        return "Check which column has the words and which their labels.";
    case RowUse::Text:
    case RowUse::Answer:
        break;
    }
    return "Check which column is the prompt and which the answer.";
}

/// Finds everything that is wrong with the data of an experiment.
class DataChecker
{
public:
    DataChecker(const DataCheck& check, CheckReport& report)
        : m_check(check)
        , m_open(openerOf(check.files))
        , m_report(report)
    {
    }

    void run()
    {
        if (experiment().train.path.empty())
            return add("train.path", "No training data are chosen.",
                       "Choose a CSV, TSV, JSON, JSONL or text file.");
        ExperimentData data;
        if (openTrain(data)) {
            openHeldOut(data);
            if (canLayOut())
                proveTrain(data);
        }
        checkGeneral();
    }

private:
    const Experiment& experiment() const { return m_check.experiment; }

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

    bool openTrain(ExperimentData& data)
    {
        if (!guarded("train.path", [&] { data.train = openSlice(experiment().train, m_open); }))
            return false;
        sayReading("train.path", data.train);
        sayGuess(data.train);
        return true;
    }

    /// Where it fails, the training rows are proven all the same.
    void openHeldOut(ExperimentData& data)
    {
        if (experiment().heldOut.path.empty())
            std::tie(data.train, data.heldOut) =
                splitSlice(data.train, experiment().heldOutShare,
                           static_cast<std::uint64_t>(experiment().seed));
        else if (guarded("heldOut.path",
                         [&] { data.heldOut = openSlice(experiment().heldOut, m_open); }))
            sayReading("heldOut.path", data.heldOut);
    }

    bool canLayOut() const
    {
        const Objective* objective = objectives().find(experiment().objective.method);
        return (m_check.tokenizer || !m_check.needsTokenizer) && objective != nullptr
            && !blocks(checkValues(objective->params, experiment().objective.settings, {}));
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
        const Objective* objective = objectives().find(experiment().objective.method);
        if (objective == nullptr || objective->rows != RowUse::Text)
            return;
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
        if (!experiment().train.roles.empty() || text.empty() || ignored.empty())
            return;
        add("train.roles",
            "It was guessed that the column \"" + text
                + "\" is the text to learn; passed over: " + ignored + ".",
            "If prompts and answers stand in them, say so under roles: {COLUMN: \"prompt\", "
            "COLUMN: \"answer\"}.",
            true);
    }

    void checkGeneral()
    {
        const bool isWriter = writesText(m_check.model.task);
        if (experiment().general.path.empty()) {
            if (isWriter)
                add("general.path", "No general text is chosen, so forgetting is not measured.",
                    "Choose a text file of general knowledge.", true);
            return;
        }
        if (!isWriter)
            return add("general.path",
                       "A model of this kind writes no text, so forgetting is not measured.",
                       "Leave the general text out.", true);
        DataSlice general;
        if (!guarded("general.path", [&] { general = openSlice(experiment().general, m_open); })
            || !m_check.tokenizer)
            return;
        guarded("general.roles", [&] {
            const RowTokenizer rows =
                generalTokenizer(experiment(), m_check.model, general.roles, m_check.tokenizer);
            if (tokenizeSlice(general, rows, m_check.control).rows.empty())
                add("general.path",
                    "The general text has no usable paragraph, so forgetting is not measured.", {},
                    true);
        });
    }

    /// The field at which rows of these roles would be refused.
    const char* fieldOfForm(const ColumnRoles& roles) const
    {
        if (!needsTemplate(m_plan.use, roles))
            return "train.roles";
        const bool isChat = experiment().layout == "chat" || experiment().layout == "chatml";
        const bool areMessages = std::ranges::any_of(
            roles, [](const auto& item) { return item.second == Role::Messages; });
        if (experiment().layout == "chat" && m_check.templates.plain.empty())
            return "layout";
        if (!isChat && areMessages)
            return "layout";
        return !isChat && m_plan.trainOn == TrainOn::Template ? "objective.settings.trainOn"
                                                              : "train.roles";
    }

    RowTokenizer tokenizerFor(const DataSlice& slice) const
    {
        return rowTokenizer(experiment(), m_plan, slice.roles, m_check.tokenizer,
                            m_check.templates);
    }

    void proveTrain(const ExperimentData& data)
    {
        if (!guarded("layout", [&] { layoutFrom(experiment().layout); }))
            return;
        if (!guarded("train.roles", [&] { m_plan = rowPlan(experiment(), m_check.model, data); }))
            return;
        TokenizedSlice trained;
        const bool isLaidOut = guarded(fieldOfForm(data.train.roles), [&] {
            trained = tokenizeSlice(data.train, tokenizerFor(data.train), m_check.control);
        });
        if (!isLaidOut)
            return;
        m_report.train = summaryOf(trained.proof);
        m_report.train.labels = static_cast<std::int64_t>(m_plan.labels.classes.size());
        sayTrain(trained.proof);
        checkChanges(trained.rows);
        checkFiles(std::move(trained.rows));
        if (data.heldOut.rows.empty()) {
            if (experiment().heldOut.path.empty() || data.heldOut.dataset)
                add("heldOut.path", "Nothing is held out, so what was learned is not measured.",
                    "Choose a held-out file or a share above 0.", true);
            return;
        }
        guarded("heldOut.roles", [&] {
            const TokenizedSlice apart =
                tokenizeSlice(data.heldOut, tokenizerFor(data.heldOut), m_check.control);
            m_report.heldOut = summaryOf(apart.proof);
            sayHeldOut(trained, apart);
        });
    }

    /// Masks and spans of the first rows as a run would make them: a tokenizer may lack the tokens.
    void checkChanges(const std::vector<TokenizedRow>& rows)
    {
        const Objective& objective = objectives().at(experiment().objective.method);
        if (!objective.corrupt || m_check.source == nullptr || rows.empty())
            return;
        guarded("objective.settings", [&] {
            std::vector<const TokenizedRow*> first;
            for (std::size_t i = 0; i < std::min<std::size_t>(rows.size(), 8); ++i)
                first.push_back(&rows[i]);
            Batch batch = packRows(first);
            RandomStream random = corruptionStream(0, 0);
            // The last step: where a share grows, it has grown by then.
            const std::int64_t steps = std::max<std::int64_t>(experiment().steps, 1);
            objective.corrupt(batch, *m_check.source->skeleton(), experiment().objective.settings,
                              {steps - 1, steps, true, m_check.tokenizer.get()}, random);
        });
    }

    /// Reads the first pictures or sounds as a run would; of the others it is known that they
    /// exist.
    void checkFiles(std::vector<TokenizedRow> rows)
    {
        constexpr std::size_t kLookedAt = 32;
        if (m_plan.medium == RowMedium::Text || rows.empty())
            return;
        rows.resize(std::min(rows.size(), kLookedAt));
        std::unique_ptr<BatchSource> files;
        const auto batchRows = std::max<std::int64_t>(experiment().batchRows, 1);
        if (guarded("model", [&] {
                files = mediaBatches(orderedBatches(std::move(rows), batchRows), m_plan.medium,
                                     experiment().model);
            }))
            guarded("train.path", [&] {
                for (std::int64_t i = 0; i < files->batchesPerEpoch(); ++i) {
                    m_check.control.throwIfCancelled();
                    files->batch(i);
                }
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
        summary.maxLength = experiment().maxLength;
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
        if (usable == 0)
            return sayNothing(proof);
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
                    + std::to_string(experiment().maxLength) + " tokens and lose their end.",
                "Raise the limit, or shorten these rows.", true);
        if (!proof.duplicates.empty())
            add("train.path",
                rowsText(proof.duplicates.size(), proof.rows) + " repeat an earlier one.",
                "They count twice; remove them unless you want that.", true);
    }

    void sayNothing(const TokenProof& proof)
    {
        const bool isCut = !proof.truncated.empty() && proof.failed.empty();
        if (isCut)
            return add("maxLength",
                       "This run would learn nothing: no row has a token to train on. Every answer "
                       "lies behind the limit of "
                           + std::to_string(experiment().maxLength) + " tokens.",
                       "Raise the limit.");
        const bool isMarked = m_plan.trainOn == TrainOn::Template && !proof.failed.empty();
        add(isMarked ? "objective.settings.trainOn" : "train.roles",
            "This run would learn nothing: no row has a token to train on. First: "
                + (proof.firstFailure.empty() ? "all answers are empty." : proof.firstFailure),
            whatToCheck(m_plan.use));
    }

    void sayHeldOut(const TokenizedSlice& trained, const TokenizedSlice& apart)
    {
        if (apart.rows.empty())
            return add("heldOut.path",
                       "No held-out row can be used, so what was learned is not measured."
                           + (apart.proof.firstFailure.empty()
                                  ? std::string()
                                  : " First: " + apart.proof.firstFailure),
                       "Check the roles of its columns.", true);
        if (!apart.proof.failed.empty())
            add("heldOut.path",
                rowsText(apart.proof.failed.size(), apart.proof.rows)
                    + " held out cannot be laid out. First: " + apart.proof.firstFailure,
                "They are left out, so nothing is measured on them; mend them in the file.", true);
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

    const DataCheck& m_check;
    DatasetOpener m_open;
    CheckReport& m_report;
    RowPlan m_plan;
};

} // namespace

DatasetOpener openerOf(OpenFiles& files)
{
    return [&files](const std::string& path) { return files.dataset(path); };
}

void checkData(const DataCheck& check, CheckReport& report)
{
    DataChecker(check, report).run();
}

} // namespace tw
