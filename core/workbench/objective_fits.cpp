// SPDX-License-Identifier: Apache-2.0
// Which objectives suit a model and its data. Nothing is decided here: each objective lays out the
// first rows with the code that a run would use, and what that refuses is the reason.
#include "core/adaptation/task_head.h"
#include "core/data/chat_templates.h"
#include "core/experiment/parts.h"
#include "core/experiment/task_head.h"
#include "core/objective/registry.h"
#include "core/workbench/check_data.h"

#include <algorithm>

namespace tw {
namespace {

constexpr std::size_t kLookedAt = 20; // rows: whoever misses a column fails at the first already

/// What the rows need to have besides text: the more, the closer such an objective is to them.
int demand(RowUse rows)
{
    switch (rows) {
    case RowUse::Preference:
        return 4;
    case RowUse::Judged:
        return 3;
    case RowUse::TokenLabels:
        return 2;
    case RowUse::Labels:
        return 1;
    case RowUse::Text:
    case RowUse::Answer:
        break;
    }
    return 0;
}

class Fitter
{
public:
    Fitter(const Experiment& experiment, OpenFiles& files, JobControl& control)
        : m_experiment(experiment)
        , m_control(control)
    {
        if (!experiment.model.empty()) {
            m_source = openModelFor(experiment.model, {}); // what it starts from may be missing yet
            if (mediumOf(m_source->config) != RowMedium::Picture)
                m_tokenizer = files.tokenizer(experiment.model);
            m_templates = rowTemplatesOf(experiment.model);
        }
        if (!experiment.train.path.empty())
            m_train = openSlice(experiment.train, openerOf(files));
    }

    ObjectiveFit fitOf(const Objective& objective) const
    {
        ObjectiveFit fit {objective.id, false, {}, {}};
        try {
            if (m_source && !taskOf(objective, *m_source))
                throw Error("It trains no model of the kind " + m_source->config.architecture + ".",
                            "Choose a model made for it.");
            if (m_source && m_train.dataset)
                layOut(objective);
            fit.fits = true;
        } catch (const Error& error) {
            fit.whyNot = error.what();
            fit.hint = error.hint();
        }
        return fit;
    }

private:
    void layOut(const Objective& objective) const
    {
        Experiment aimed = m_experiment;
        if (objective.id != m_experiment.objective.method)
            aimed.objective = {objective.id, {}};
        const RowPlan plan = rowPlan(aimed, m_source->config, {m_train, {}, {}});
        const RowTokenizer rows =
            rowTokenizer(m_experiment, plan, m_train.roles, m_tokenizer, m_templates);
        // Lines of words with labels look like text: one word is none of those.
        const std::int64_t least = objective.rows == RowUse::TokenLabels ? 2 : 1;
        std::optional<Error> first;
        for (std::size_t i = 0; i < std::min(kLookedAt, m_train.rows.size()); ++i) {
            m_control.throwIfCancelled();
            try {
                if (targetCount(rows.tokenize(*m_train.dataset, m_train.rows[i]), rows.use())
                    >= least)
                    return;
            } catch (const Error& error) {
                if (!first)
                    first = error;
            }
        }
        throw first
            ? *first
            : Error("The first rows have nothing to train on.", "Check the roles of the columns.");
    }

    const Experiment& m_experiment;
    JobControl& m_control;
    std::optional<ModelSource> m_source;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    RowTemplates m_templates;
    DataSlice m_train;
};

std::vector<ObjectiveFit>
fitsOf(const Experiment& experiment, OpenFiles& files, JobControl& control)
{
    const Fitter fitter(experiment, files, control);
    std::vector<std::pair<int, ObjectiveFit>> found;
    for (const auto& objective : objectives().all()) {
        ObjectiveFit fit = fitter.fitOf(*objective);
        const int rank = fit.fits ? demand(objective->rows) : -1;
        found.emplace_back(rank, std::move(fit));
    }
    std::ranges::stable_sort(found, std::greater {}, [](const auto& entry) { return entry.first; });
    std::vector<ObjectiveFit> fits;
    for (auto& [rank, fit] : found)
        fits.push_back(std::move(fit));
    return fits;
}

} // namespace

Job<std::vector<ObjectiveFit>> Workspace::objectiveFits(const Experiment& experiment)
{
    return m_state->start(Lane::Kind::Light,
                          [files = m_state->files, experiment](JobControl& control) {
                              return fitsOf(experiment, *files, control);
                          });
}

} // namespace tw
