// SPDX-License-Identifier: Apache-2.0
// One row as the model reads it, for the page that shows it token by token.
#include "core/base/param.h"
#include "core/base/text.h"
#include "core/experiment/task_head.h"
#include "core/objective/registry.h"
#include "core/workbench/answers.h"
#include "core/workbench/check_data.h"

#include <limits>

namespace tw {
namespace {

std::string textOf(const Tokenizer& tokenizer, std::int64_t id)
{
    try {
        return repairedUtf8(tokenizer.tokenBytes(id));
    } catch (const Error&) { // of a row that was tokenised elsewhere
        return "#" + std::to_string(id);
    }
}

class RowView
{
public:
    /// tokenizer: nullptr where rows are pictures or sounds with a label, which have no tokens.
    RowView(const Tokenizer* tokenizer, const RowPlan& plan, std::int64_t maxLength)
        : m_tokenizer(tokenizer)
        , m_plan(plan)
        , m_maxLength(maxLength)
    {
    }

    RowTokens of(const TokenizedRow& row)
    {
        if (!row.source.empty())
            addSource(row.source);
        const bool isPair = !row.rejected.empty();
        if (m_tokenizer != nullptr)
            add(row, isPair ? "chosen" : row.source.empty() ? "" : "answer");
        for (const TokenizedRow& rejected : row.rejected)
            add(rejected, "rejected");
        m_out.label = labelOf(row);
        return std::move(m_out);
    }

private:
    void begin(const std::string& part)
    {
        if (!part.empty())
            m_out.parts.emplace_back(part, static_cast<std::int64_t>(m_out.tokens.size()));
    }

    void addSource(const std::vector<std::int64_t>& ids)
    {
        begin("source");
        for (std::size_t i = 0; i < ids.size(); ++i)
            m_out.tokens.push_back({ids[i],
                                    textOf(*m_tokenizer, ids[i]),
                                    TokenView::Kind::Prompt,
                                    false,
                                    isCut(i),
                                    {}});
    }

    void add(const TokenizedRow& row, const std::string& part)
    {
        begin(part);
        for (std::size_t i = 0; i < row.ids.size(); ++i) {
            const bool hasLabel = i < row.tokenLabels.size() && row.tokenLabels[i] >= 0;
            m_out.tokens.push_back({row.ids[i], textOf(*m_tokenizer, row.ids[i]),
                                    static_cast<TokenView::Kind>(row.kinds[i]),
                                    row.isTrained[i] != 0 || hasLabel, isCut(i),
                                    hasLabel ? className(row.tokenLabels[i]) : wantedAt(row, i)});
        }
    }

    /// What is learned in the place of another token.
    std::string wantedAt(const TokenizedRow& row, std::size_t place) const
    {
        const bool isAnother = row.isTrained[place] != 0 && place < row.wanted.size()
            && row.wanted[place] != row.ids[place];
        return isAnother ? textOf(*m_tokenizer, row.wanted[place]) : std::string {};
    }

    bool isCut(std::size_t place) const { return static_cast<std::int64_t>(place) >= m_maxLength; }

    std::string className(std::int64_t number) const
    {
        return m_plan.labels.classes.at(static_cast<std::size_t>(number));
    }

    std::string labelOf(const TokenizedRow& row) const
    {
        if (row.labels.empty())
            return {};
        if (m_plan.use == RowUse::Judged)
            return row.labels.front() > 0.0 ? "liked" : "not liked";
        if (!m_plan.labels.areNumbers)
            return className(static_cast<std::int64_t>(row.labels.front()));
        std::vector<std::string> numbers;
        for (const double number : row.labels)
            numbers.push_back(toText(number));
        return join(numbers, ", ");
    }

    const Tokenizer* m_tokenizer;
    const RowPlan& m_plan;
    std::int64_t m_maxLength;
    RowTokens m_out;
};

RowTokens tokensOf(OpenFiles& files, const Experiment& experiment, bool heldOut, std::int64_t row)
{
    const ExperimentData data = openData(experiment, openerOf(files));
    const DataSlice& slice = heldOut ? data.heldOut : data.train;
    if (row < 0 || row >= static_cast<std::int64_t>(slice.rows.size()))
        throw Error("There is no row " + std::to_string(row + 1) + "; this part has "
                        + std::to_string(slice.rows.size()) + ".",
                    "Choose another row.");
    const ModelConfig model = openModelOf(experiment).config;
    const RowPlan plan = rowPlan(experiment, model, data);
    const auto tokenizer = needsTokenizer(objectives().at(experiment.objective.method), model)
        ? files.tokenizer(experiment.model)
        : nullptr;
    Experiment unlimited = experiment; // the proof shows what is cut, too
    unlimited.maxLength = std::numeric_limits<std::int64_t>::max();
    const RowTokenizer rows =
        rowTokenizer(unlimited, plan, slice.roles, tokenizer, rowTemplatesOf(experiment.model));
    RowTokens out;
    try {
        out = RowView(tokenizer.get(), plan, experiment.maxLength)
                  .of(rows.tokenize(*slice.dataset, slice.rows[static_cast<std::size_t>(row)]));
    } catch (const Error& error) { // the row is shown with the reason
        out.failure = error.what();
    }
    out.row = row;
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

} // namespace tw
