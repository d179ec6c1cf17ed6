// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/objective_checks.h"

#include "core/base/error.h"
#include "core/objective/registry.h"
#include "tests/contract/tiny_models.h"
#include "tests/contract/tiny_tokenizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

/// An objective on a model that it can train.
struct Case
{
    const Objective& objective;
    TinyModel tiny;
};

/// The tiny models of adaptations, and some with heads that only objectives care for.
std::vector<TinyModel> allModels()
{
    static const std::filesystem::path families = TW_SOURCE "/tests/fixtures/model/families";
    std::vector<TinyModel> all = tinyModels();
    all.push_back({"BERT before fine-tuning", families / "bert_pretraining"});
    all.push_back({"BERT for sequences", families / "bert_sequences"});
    all.push_back({"Llama for sequences", families / "llama_sequences"});
    return all;
}

std::shared_ptr<Model> modelOf(const Case& on)
{
    const bool isReward = on.objective.rows == RowUse::Preference
        && openModelSource(on.tiny.folder).config.task == ModelTask::SequenceClassification;
    return isReward ? withOneLabel(on.tiny) : load(on.tiny);
}

/// All vocabularies have at least 72 words; the last ones are sentinels.
const TinyTokenizer& tokenizer()
{
    static const TinyTokenizer all(72, 12);
    return all;
}

TokenizedRow rowOf(std::vector<std::int64_t> ids, std::size_t firstTrained)
{
    TokenizedRow row;
    row.ids = std::move(ids);
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        row.isTrained.push_back(i >= firstTrained ? 1 : 0);
        row.kinds.push_back(i >= firstTrained ? TokenKind::Answer : TokenKind::Prompt);
    }
    return row;
}

/// Words between the tokens that begin and end a text.
TokenizedRow textOf(std::int64_t words, std::int64_t seed, std::size_t firstTrained)
{
    std::vector<std::int64_t> ids {1};
    for (std::int64_t i = 0; i < words; ++i)
        ids.push_back(5 + (seed + 17 * i * i) % 55);
    ids.push_back(2);
    return rowOf(std::move(ids), firstTrained);
}

/// Three rows of different lengths, as the objective and the model want them: long enough that what
/// is hidden of them has to be drawn.
std::vector<TokenizedRow> someRows(const Case& on, const Model& model)
{
    const RowUse use = on.objective.rows;
    const std::size_t first = use == RowUse::Text ? 1 : 3;
    std::vector<TokenizedRow> rows {textOf(36, 3, first), textOf(30, 8, first),
                                    textOf(25, 11, first)};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        TokenizedRow& row = rows[i];
        if (use == RowUse::Preference) {
            std::vector<std::int64_t> ids(row.ids.begin(), row.ids.begin() + 3);
            ids.insert(ids.end(), {static_cast<std::int64_t>(20 + 7 * i), 35, 9, 2});
            row.rejected = {rowOf(ids, 3)};
        }
        if (use == RowUse::Judged)
            row.labels = {i == 1 ? 0.0 : 1.0};
        if (model.config().decoderLayers > 0) // who makes sources of its own leaves this one out
            row.source = {13, 22, static_cast<std::int64_t>(24 + i), 1};
    }
    if (on.objective.prepare)
        on.objective.prepare(rows, {}, 64);
    return rows;
}

Batch batchOf(const Case& on, const Model& model)
{
    const std::vector<TokenizedRow> rows = someRows(on, model);
    std::vector<const TokenizedRow*> pointers;
    for (const TokenizedRow& row : rows)
        pointers.push_back(&row);
    Batch batch = packRows(pointers);
    for (std::int64_t row = 0; row < batch.rowCount(); ++row)
        batch.rowNumbers.push_back(row);
    return batch;
}

/// The batch of a step in the middle of a run.
Batch corrupted(const Case& on, const Model& model, const Batch& given, std::uint64_t seed)
{
    Batch batch = given;
    if (on.objective.corrupt) {
        RandomStream random(seed, "corrupt/0");
        on.objective.corrupt(batch, model, {}, {80, 100, true, &tokenizer()}, random);
    }
    return batch;
}

/// What training hands to the loss. The references are a little off, as if steps had been made.
Batch readyBatch(const Case& on, const Model& model)
{
    Batch batch = corrupted(on, model, batchOf(on, model), 1);
    if (on.objective.reference) {
        batch.references = on.objective.reference(model, batch, {});
        for (std::size_t row = 0; row < batch.references.size(); ++row)
            batch.references[row] -= row % 2 == 0 ? 0.7 : -0.4;
    }
    return batch;
}

double lossOf(const Case& on, const Model& model, const Batch& batch)
{
    const at::NoGradGuard noGradients;
    return on.objective.loss(model, batch, {}).sum.item<double>();
}

std::string lossAndMeasuresAreNumbers(const Case& on)
{
    const auto model = modelOf(on);
    const LossSum loss = on.objective.loss(*model, readyBatch(on, *model), {});
    if (!std::isfinite(loss.sum.item<double>()) || loss.sum.dim() != 0)
        return "the loss is no number";
    if (loss.count < 1)
        return "nothing is counted";
    for (const auto& [name, value] : loss.measures)
        if (!std::isfinite(value))
            return name + " is no number";
    return {};
}

/// Along the gradient of one weight, the loss changes as fast as the gradient is long.
std::string theGradientIsThatOfTheLoss(const Case& on)
{
    const auto model = modelOf(on);
    const Batch batch = readyBatch(on, *model);
    at::Tensor& weight = model->linear({SiteKind::MlpDown, 0}).weight;
    weight.requires_grad_();
    on.objective.loss(*model, batch, {}).sum.backward();
    if (!weight.grad().defined())
        return "a weight gets no gradient";
    const at::Tensor gradient = weight.grad();
    const double length = gradient.norm().item<double>();
    if (!(length > 0.0))
        return "the gradient is zero";
    // Small enough to be straight, large enough to be seen in float32.
    const double step = std::min(2e-3, 5e-3 / length);
    const at::Tensor way = gradient * (step / length);
    const at::NoGradGuard noGradients;
    weight.add_(way);
    const double ahead = lossOf(on, *model, batch);
    weight.sub_(2 * way);
    const double behind = lossOf(on, *model, batch);
    const double slope = (ahead - behind) / (2 * step);
    return std::abs(slope - length) <= 0.02 * length + 2e-3
        ? ""
        : "it is " + std::to_string(length) + " and the loss rises by " + std::to_string(slope);
}

/// Takes the last target of each row that has two out of the loss.
void dropSomeTargets(Batch& batch, bool byWeight)
{
    if (byWeight && batch.weights.empty())
        batch.weights.assign(batch.ids.size(), 1.0F);
    for (std::size_t row = 0; row + 1 < batch.rowStarts.size(); ++row) {
        std::vector<std::size_t> trained;
        for (auto i = static_cast<std::size_t>(batch.rowStarts[row]);
             i < static_cast<std::size_t>(batch.rowStarts[row + 1]); ++i)
            if (batch.targets[i] != -100)
                trained.push_back(i);
        if (trained.size() < 2)
            continue;
        if (byWeight)
            batch.weights[trained.back()] = 0.0F;
        else
            batch.targets[trained.back()] = -100;
    }
}

std::string whatIsMaskedHasNoInfluence(const Case& on)
{
    const auto model = modelOf(on);
    const Batch batch = readyBatch(on, *model);
    Batch unweighted = batch;
    dropSomeTargets(unweighted, true);
    Batch untargeted = batch;
    dropSomeTargets(untargeted, false);
    const double a = lossOf(on, *model, unweighted);
    const double b = lossOf(on, *model, untargeted);
    // ORPO and others take means, so only the two ways to leave a token out are compared.
    return std::abs(a - b) <= 1e-5 * std::max(1.0, std::abs(a))
        ? ""
        : "weight 0 gives " + std::to_string(a) + ", no target " + std::to_string(b);
}

std::string rowsDoNotSeeEachOther(const Case& on)
{
    const auto model = modelOf(on);
    const Batch batch = readyBatch(on, *model);
    // Half of the rows of a causal model cannot be cut out of pairs: the last ids of a row are
    // never read, so whatever they are, nobody may see them.
    if (!model->config().isCausal || on.objective.tasks.front() != ModelTask::CausalLm)
        return {};
    Batch other = batch;
    for (std::size_t row = 0; row + 1 < batch.rowStarts.size(); ++row)
        other.ids[static_cast<std::size_t>(batch.rowStarts[row + 1] - 1)] = 50;
    return std::abs(lossOf(on, *model, batch) - lossOf(on, *model, other)) <= 1e-6
        ? ""
        : "the last token of a row is read by another";
}

std::string corruptionFollowsItsRandomStream(const Case& on)
{
    if (!on.objective.corrupt)
        return {};
    const auto model = modelOf(on);
    const Batch given = batchOf(on, *model);
    const Batch one = corrupted(on, *model, given, 1);
    const Batch again = corrupted(on, *model, given, 1);
    if (one.ids != again.ids || one.targets != again.targets || one.sourceIds != again.sourceIds)
        return "the same stream gives another batch";
    for (std::uint64_t seed = 2; seed < 12; ++seed) {
        const Batch other = corrupted(on, *model, given, seed);
        if (other.ids != one.ids || other.targets != one.targets
            || other.sourceIds != one.sourceIds)
            return {};
    }
    return "ten other streams give the same batch";
}

std::string aCorruptedBatchIsWhole(const Case& on)
{
    const auto model = modelOf(on);
    const Batch given = batchOf(on, *model);
    const Batch batch = corrupted(on, *model, given, 1);
    const std::size_t tokens = batch.ids.size();
    if (batch.positions.size() != tokens || batch.targets.size() != tokens
        || (!batch.weights.empty() && batch.weights.size() != tokens)
        || (!batch.types.empty() && batch.types.size() != tokens))
        return "its parts have different lengths";
    if (batch.rowCount() != given.rowCount() || batch.rowStarts.back() != batch.tokenCount()
        || batch.rowNumbers != given.rowNumbers)
        return "it lost rows";
    if (!batch.sourceIds.empty()
        && (batch.sourceStarts.size() != batch.rowStarts.size()
            || batch.sourceStarts.back() != static_cast<std::int64_t>(batch.sourceIds.size())))
        return "its sources do not fit its rows";
    const auto isKnown = [&](std::int64_t id) {
        return id >= 0 && id < model->config().vocabularySize;
    };
    if (!std::ranges::all_of(batch.ids, isKnown) || !std::ranges::all_of(batch.sourceIds, isKnown))
        return "an id lies outside the vocabulary";
    return {};
}

/// Labels depend on the head and sounds on the model: objectives that learn them have tests of
/// their own.
bool isOfText(const Objective& objective)
{
    const bool isOfSounds = objective.tasks == std::vector {ModelTask::Ctc};
    return !isOfSounds
        && (objective.rows == RowUse::Text || objective.rows == RowUse::Preference
            || objective.rows == RowUse::Judged);
}

bool canTrain(const Objective& objective, const TinyModel& tiny)
{
    const ModelTask task = openModelSource(tiny.folder).config.task;
    return std::ranges::find(objective.tasks, task) != objective.tasks.end();
}

std::string itTrainsSomeTinyModel(const Objective& objective)
{
    const std::vector<TinyModel> models = allModels();
    return std::ranges::any_of(models,
                               [&](const TinyModel& tiny) { return canTrain(objective, tiny); })
        ? ""
        : "no tiny model is of its tasks: it was not checked";
}

} // namespace

Checks objectiveChecks()
{
    Checks checks;
    for (const auto& objective : objectives().all()) {
        if (!isOfText(*objective))
            continue;
        checks.push_back({objective->id + ": it trains some tiny model",
                          [&objective = *objective] { return itTrainsSomeTinyModel(objective); }});
        for (const TinyModel& tiny : allModels()) {
            if (!canTrain(*objective, tiny))
                continue;
            const auto add = [&](const char* name, std::string (*check)(const Case&)) {
                checks.push_back(
                    {objective->id + " on " + tiny.name + ": " + name,
                     [check, &objective = *objective, tiny] { return check({objective, tiny}); }});
            };
            add("loss and measures are numbers", lossAndMeasuresAreNumbers);
            add("the gradient is that of the loss", theGradientIsThatOfTheLoss);
            add("what is masked has no influence", whatIsMaskedHasNoInfluence);
            add("rows do not see each other", rowsDoNotSeeEachOther);
            add("corruption follows its random stream", corruptionFollowsItsRandomStream);
            add("a corrupted batch is whole", aCorruptedBatchIsWhole);
        }
    }
    return checks;
}

} // namespace tw
