// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/parts.h"

#include "core/base/random.h"
#include "core/base/text.h"
#include "core/data/row_cells.h"
#include "core/data/splits.h"
#include "core/data/tagged_words.h"
#include "core/experiment/task_head.h"
#include "core/objective/registry.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <string>
#include <unordered_set>

namespace tw {
namespace {

/// Of all that a model reads of a row; its label does not count.
std::size_t fingerprintOf(const TokenizedRow& row)
{
    std::string bytes;
    const auto add = [&](const std::vector<std::int64_t>& ids) {
        bytes.append(reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(std::int64_t));
        bytes += '|';
    };
    add(row.ids);
    if (!row.source.empty())
        add(row.source);
    for (const TokenizedRow& rejected : row.rejected)
        add(rejected.ids);
    bytes += row.file;
    return std::hash<std::string>()(bytes);
}

/// Everything that a row brings: tokens, and those that were cut away.
struct RowLength
{
    std::int64_t read = 0; ///< tokens of all its parts
    std::int64_t longest = 0; ///< of its parts, before they were cut
    std::int64_t cut = 0;
};

RowLength lengthOf(const TokenizedRow& row)
{
    const auto own = static_cast<std::int64_t>(row.ids.size());
    const auto source = static_cast<std::int64_t>(row.source.size());
    RowLength length {own + source, std::max(own, source) + row.cutTokens, row.cutTokens};
    for (const TokenizedRow& rejected : row.rejected) {
        const RowLength other = lengthOf(rejected);
        length.read += other.read;
        length.longest = std::max(length.longest, other.longest);
        length.cut += other.cut;
    }
    return length;
}

/// The labels of a slice, one by one; `each` gets those of every row.
std::vector<std::string> labelsIn(const DataSlice& slice, RowUse use)
{
    std::vector<std::string> labels;
    for (const std::int64_t row : slice.rows) {
        const RowCells cells(*slice.dataset, slice.roles, row);
        const auto given = cells.ids.find("labels");
        const bool isGiven = cells.label.empty() && given != cells.ids.end();
        if (use == RowUse::Labels) {
            labels.push_back(isGiven ? given->second : cells.label);
            continue;
        }
        try {
            for (std::string& label :
                 isGiven ? listedTexts(given->second) : taggedWords(cells).labels) {
                if (label != kUnlabelled)
                    labels.push_back(std::move(label));
            }
        } catch (const Error&) { // the proof counts such rows and says why
        }
    }
    return labels;
}

bool hasHead(const ModelConfig& model, RowUse use)
{
    if (use == RowUse::TokenLabels)
        return model.task == ModelTask::TokenClassification;
    return model.task == ModelTask::SequenceClassification
        || model.task == ModelTask::Classification;
}

LabelList labelsOf(const Objective& objective, const ModelConfig& model, const ExperimentData& data)
{
    std::vector<std::string> labels = labelsIn(data.train, objective.rows);
    if (data.heldOut.dataset == data.train.dataset) {
        const std::vector<std::string> apart = labelsIn(data.heldOut, objective.rows);
        labels.insert(labels.end(), apart.begin(), apart.end());
    }
    const auto isList = [](const auto& label) { return trimmed(label).starts_with('['); };
    if (objective.learnsNumbers || (!labels.empty() && std::ranges::all_of(labels, isList)))
        return numbersLike(labels);
    const std::vector<std::string> distinct = distinctLabels(labels);
    if (areNumbers(distinct) && !areWholeNumbers(distinct))
        throw Error("The labels are numbers that are not whole, but \"" + objective.id
                        + "\" learns classes.",
                    "Choose an objective that learns numbers, or a column of classes.");
    if (hasHead(model, objective.rows))
        return classesFor(distinct, model.labels);
    const bool areTokens = std::ranges::any_of(
        data.train.roles, [](const auto& item) { return item.second == Role::Ids; });
    return areTokens && areWholeNumbers(distinct) ? numberedClasses(distinct)
                                                  : classesFor(distinct, {});
}

} // namespace

ColumnRoles rolesOf(const DataPart& part, const Dataset& dataset)
{
    if (part.roles.empty())
        return guessRoles(dataset);
    ColumnRoles roles;
    const auto& columns = dataset.columns();
    for (const auto& [column, role] : part.roles) {
        if (std::find(columns.begin(), columns.end(), column) == columns.end())
            throw Error(part.path + " has no column \"" + column + "\".",
                        "Its columns: " + join(columns, ", ") + ".");
        roles[column] = roleFrom(role);
    }
    return roles;
}

DataSlice openSlice(const DataPart& part, const DatasetOpener& open)
{
    DataSlice slice;
    slice.dataset = open(part.path);
    slice.roles = rolesOf(part, *slice.dataset);
    slice.rows.resize(static_cast<std::size_t>(slice.dataset->rowCount()));
    std::iota(slice.rows.begin(), slice.rows.end(), std::int64_t {0});
    for (const auto& [column, value] : part.where) {
        std::vector<std::int64_t> both;
        std::ranges::set_intersection(slice.rows, rowsWith(*slice.dataset, column, value),
                                      std::back_inserter(both));
        slice.rows = std::move(both);
    }
    if (slice.rows.empty() && !part.where.empty())
        throw Error("No row of " + part.path + " has all of what \"where\" asks for.",
                    "Give fewer columns, or values that stand in one row.");
    if (part.limit > 0 && static_cast<std::size_t>(part.limit) < slice.rows.size())
        slice.rows.resize(static_cast<std::size_t>(part.limit));
    return slice;
}

std::pair<DataSlice, DataSlice> splitSlice(const DataSlice& slice, double share, std::uint64_t seed)
{
    const auto count = static_cast<std::int64_t>(slice.rows.size());
    std::int64_t apart = std::llround(static_cast<double>(count) * std::clamp(share, 0.0, 1.0));
    if (share > 0 && count >= 2)
        apart = std::clamp<std::int64_t>(apart, 1, count - 1);
    std::vector<std::int64_t> order = RandomStream(seed, "held-out").permutation(count);
    std::sort(order.begin(), order.begin() + apart);
    std::sort(order.begin() + apart, order.end());
    DataSlice kept {slice.dataset, slice.roles, {}};
    DataSlice heldOut = kept;
    for (std::int64_t i = 0; i < count; ++i)
        (i < apart ? heldOut : kept)
            .rows.push_back(
                slice.rows[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
    return {std::move(kept), std::move(heldOut)};
}

ExperimentData openData(const Experiment& experiment, const DatasetOpener& open)
{
    ExperimentData data;
    data.train = openSlice(experiment.train, open);
    if (!experiment.heldOut.path.empty()) {
        data.heldOut = openSlice(experiment.heldOut, open);
    } else {
        auto [train, heldOut] = splitSlice(data.train, experiment.heldOutShare,
                                           static_cast<std::uint64_t>(experiment.seed));
        data.train = std::move(train);
        data.heldOut = std::move(heldOut);
    }
    if (!experiment.general.path.empty())
        data.general = openSlice(experiment.general, open);
    return data;
}

bool writesText(ModelTask task)
{
    return task == ModelTask::CausalLm || task == ModelTask::ConditionalGeneration;
}

RowMedium mediumOf(const ModelConfig& model)
{
    const bool hears = model.waveform || (model.patches && model.patches->isSpectrogram);
    if (hears)
        return RowMedium::Sound;
    return model.patches && !model.readsText() ? RowMedium::Picture : RowMedium::Text;
}

bool needsTokenizer(const Objective& objective, const ModelConfig& model)
{
    return mediumOf(model) == RowMedium::Text || objective.rows != RowUse::Labels;
}

RowPlan rowPlan(const Objective& objective,
                const ParamValues& settings,
                const ModelConfig& model,
                const ExperimentData& data)
{
    RowPlan plan;
    plan.use = objective.rows;
    plan.vocabularySize = model.vocabularySize;
    plan.startId = model.startId;
    plan.medium = mediumOf(model);
    if (plan.medium == RowMedium::Picture)
        plan.tokensPerPicture = model.patches->rows() * model.patches->columns() + 1;
    const bool isAnswered = model.task == ModelTask::ConditionalGeneration && !objective.corrupt;
    if (plan.use == RowUse::Text && isAnswered)
        plan.use = RowUse::Answer;
    if (plan.use == RowUse::Labels || plan.use == RowUse::TokenLabels)
        plan.labels = labelsOf(objective, model, data);
    if (const auto setting = settings.find("trainOn"); setting != settings.end())
        plan.trainOn = trainOnFrom(toText(setting->second));
    return plan;
}

RowPlan rowPlan(const Experiment& experiment, const ModelConfig& model, const ExperimentData& data)
{
    const Objective& objective = objectives().at(experiment.objective.method);
    ModelConfig asked = model;
    if (beginsWithNewHead(experiment))
        asked.labels.clear(); // those of the head that is put aside
    return rowPlan(objective, experiment.objective.settings, asked, data);
}

RowTokenizer rowTokenizer(const Experiment& experiment,
                          const RowPlan& plan,
                          const ColumnRoles& roles,
                          std::shared_ptr<const Tokenizer> tokenizer,
                          const RowTemplates& templates)
{
    LayoutOptions options;
    options.layout = layoutFrom(experiment.layout);
    options.system = experiment.system;
    options.chatTemplate = templates.plain;
    options.toolTemplate = templates.withTools;
    options.maxLength = experiment.maxLength;
    options.use = plan.use;
    options.trainOn = plan.trainOn;
    options.labels = plan.labels;
    options.startId = plan.startId;
    options.vocabularySize = plan.vocabularySize;
    options.medium = plan.medium;
    options.tokensPerPicture = plan.tokensPerPicture;
    return RowTokenizer(std::move(tokenizer), roles, std::move(options));
}

RowTokenizer generalTokenizer(const Experiment& experiment,
                              const ModelConfig& model,
                              const ColumnRoles& roles,
                              std::shared_ptr<const Tokenizer> tokenizer)
{
    LayoutOptions options;
    options.layout = Layout::Plain;
    options.maxLength = experiment.maxLength;
    if (model.task == ModelTask::ConditionalGeneration)
        options.use = RowUse::Answer;
    options.startId = model.startId;
    options.vocabularySize = model.vocabularySize;
    return RowTokenizer(std::move(tokenizer), roles, std::move(options));
}

TokenizedSlice
tokenizeSlice(const DataSlice& slice, const RowTokenizer& tokenizer, JobControl& control)
{
    TokenizedSlice out;
    TokenProof& proof = out.proof;
    proof.rows = static_cast<std::int64_t>(slice.rows.size());
    std::unordered_set<std::size_t> seen;
    for (std::int64_t i = 0; i < proof.rows; ++i) {
        control.report("tokenizing", i, proof.rows);
        control.throwIfCancelled();
        try {
            TokenizedRow row =
                tokenizer.tokenize(*slice.dataset, slice.rows[static_cast<std::size_t>(i)]);
            const RowLength length = lengthOf(row);
            const std::int64_t targets = targetCount(row, tokenizer.use());
            proof.tokens += length.read;
            proof.trainedTokens += targets;
            proof.lengths.push_back(static_cast<std::int32_t>(length.longest));
            if (length.cut > 0)
                proof.truncated.push_back(i);
            out.fingerprints.push_back(fingerprintOf(row));
            if (!seen.insert(out.fingerprints.back()).second)
                proof.duplicates.push_back(i);
            if (targets > 0)
                out.rows.push_back(std::move(row));
            else
                proof.nothingTrained.push_back(i);
        } catch (const Error& error) { // counted, shown with its row, and left out of the training
            if (proof.failed.empty())
                proof.firstFailure = error.what();
            proof.failed.push_back(i);
            proof.lengths.push_back(0);
            out.fingerprints.push_back(0);
        }
    }
    return out;
}

} // namespace tw
