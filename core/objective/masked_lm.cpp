// SPDX-License-Identifier: Apache-2.0
// Masked language modelling (BERT; Devlin et al. 2019, section 3.1): some tokens are chosen, most
// of them are hidden, and the model says what they were:
//     loss = sum over chosen i of -log p(x_i | the text with its holes)
// Of the chosen tokens 80 % become the mask token, 10 % a random one, 10 % stay. Chosen are single
// tokens, whole words (all pieces of a word together; Google's release of May 2019), or spans of
// whole words whose lengths are geometric with p = 0.2, at most 10 (SpanBERT; Joshi et al. 2020).
// Only the chosen positions meet the matrix of the vocabulary.

#include "core/base/error.h"
#include "core/base/translate.h"
#include "core/objective/chosen_tokens.h"
#include "core/objective/special_ids.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

struct MaskedLmOptions
{
    double rate = 0.15;
    std::string unit = "tokens";
    double masked = 0.8;
    double random = 0.1;
    std::string maskToken;
};

ParamTable<MaskedLmOptions> params()
{
    using Options = MaskedLmOptions;
    ParamTable<Options> table;
    table.add(&Options::rate, "rate", QT_TRANSLATE_NOOP("masked_lm", "Share chosen"))
        .help(QT_TRANSLATE_NOOP("masked_lm", "Share of a text's tokens that have to be restored."))
        .range(0.01, 0.9)
        .source("Devlin et al. 2019; default of Transformers");
    table.add(&Options::unit, "unit", QT_TRANSLATE_NOOP("masked_lm", "What is chosen"))
        .help(QT_TRANSLATE_NOOP("masked_lm",
                                "Pieces of a word are easily guessed from its other pieces; words "
                                "and spans are harder and often teach more."))
        .choices({{"tokens", QT_TRANSLATE_NOOP("masked_lm", "Single tokens")},
                  {"words", QT_TRANSLATE_NOOP("masked_lm", "Whole words")},
                  {"spans", QT_TRANSLATE_NOOP("masked_lm", "Spans of words")}})
        .source("Devlin et al. 2019; Joshi et al. 2020");
    table.add(&Options::masked, "masked", QT_TRANSLATE_NOOP("masked_lm", "Hidden of these"))
        .help(QT_TRANSLATE_NOOP("masked_lm",
                                "Share of the chosen tokens that become the mask token."))
        .range(0, 1)
        .source("Devlin et al. 2019")
        .advanced();
    table
        .add(&Options::random, "random",
             QT_TRANSLATE_NOOP("masked_lm", "Replaced at random of these"))
        .help(QT_TRANSLATE_NOOP("masked_lm",
                                "Share of the chosen tokens that become any other token; what is "
                                "left of them stays as it is."))
        .range(0, 1)
        .source("Devlin et al. 2019")
        .advanced();
    table.add(&Options::maskToken, "maskToken", QT_TRANSLATE_NOOP("masked_lm", "Mask token"))
        .help(QT_TRANSLATE_NOOP("masked_lm", "Empty: the tokenizer's own."))
        .source("our choice")
        .advanced();
    return table;
}

ChosenUnit unitFrom(const std::string& id)
{
    if (id == "words")
        return ChosenUnit::Words;
    return id == "spans" ? ChosenUnit::Spans : ChosenUnit::Tokens;
}

/// What becomes of chosen tokens.
class Replacer
{
public:
    Replacer(const Tokenizer& tokenizer, const Model& model, const MaskedLmOptions& options)
        : m_options(options)
        , m_known(static_cast<std::uint64_t>(sharedIds(tokenizer, model)))
    {
        const auto mask = maskIdOf(tokenizer, options.maskToken);
        if (!mask)
            throw Error("The model's tokenizer has no mask token.",
                        "Name the token that should stand where one is hidden.");
        m_mask = *mask;
    }

    void replace(Batch& batch, const TokenPlaces& unit, RandomStream& random) const
    {
        // The tokens of a span share one fate, those of a word each have their own.
        double drawn = random.uniform();
        for (const std::size_t i : unit) {
            if (m_options.unit != "spans")
                drawn = random.uniform();
            if (drawn < m_options.masked)
                batch.ids[i] = m_mask;
            else if (drawn < m_options.masked + m_options.random)
                batch.ids[i] = static_cast<std::int64_t>(random.below(m_known));
        }
    }

private:
    const MaskedLmOptions& m_options;
    std::uint64_t m_known;
    std::int64_t m_mask = 0;
};

/// The weight of each token itself; the batch has that of the token behind each.
std::vector<float> ownWeights(const Batch& batch)
{
    std::vector<float> weights = batch.weights;
    for (std::size_t row = 0; row + 1 < batch.rowStarts.size() && !weights.empty(); ++row)
        for (auto i = static_cast<std::size_t>(batch.rowStarts[row]) + 1;
             i < static_cast<std::size_t>(batch.rowStarts[row + 1]); ++i)
            weights[i] = batch.weights[i - 1];
    return weights;
}

void hideTokens(Batch& batch,
                const Model& model,
                const ParamValues& settings,
                const BatchMoment& moment,
                RandomStream& random)
{
    const MaskedLmOptions options = params().read(settings);
    const Tokenizer& tokenizer = tokenizerOf(moment);
    const Replacer replacer(tokenizer, model, options);
    const Batch given = batch;
    const TokenChooser chooser(given, tokenizer, {options.rate, unitFrom(options.unit)}, random);
    batch.weights = ownWeights(given);
    std::ranges::fill(batch.targets, -100);
    for (std::int64_t row = 0; row < given.rowCount(); ++row)
        for (const TokenPlaces& unit : chooser.chosen(row)) {
            for (const std::size_t i : unit)
                batch.targets[i] = given.ids[i];
            replacer.replace(batch, unit, random);
        }
}

LossSum maskedLoss(const Model& model, const Batch& batch, const ParamValues& /*settings*/)
{
    const at::Tensor targets = at::tensor(batch.targets, at::kLong);
    const at::Tensor places = targets.ne(-100).nonzero().squeeze(1);
    const at::Tensor hidden = model.hidden(packedInput(batch)).index_select(0, places);
    const at::Tensor chances = model.logits(hidden).log_softmax(1);
    const at::Tensor losses =
        -chances.gather(1, targets.index_select(0, places).unsqueeze(1)).squeeze(1);
    const at::Tensor weights = batch.weights.empty()
        ? at::ones_like(losses)
        : at::tensor(batch.weights).index_select(0, places);
    return {(losses * weights).sum(at::kDouble), places.size(0)};
}

Problems checkMaskedLm(const ParamValues& settings)
{
    const MaskedLmOptions options = params().read(settings);
    if (options.masked + options.random <= 1.0)
        return {};
    return {{"random", "More tokens would be hidden or replaced than are chosen.",
             "Keep the two shares together at 1 or less."}};
}

} // namespace

void registerMaskedLm(Registry<Objective>& registry)
{
    Objective masked;
    masked.id = "masked_lm";
    masked.title = QT_TRANSLATE_NOOP("masked_lm", "Masked language modelling");
    masked.summary = QT_TRANSLATE_NOOP(
        "masked_lm",
        "Learns to restore hidden tokens of plain text: how BERT and its kin get used to a field "
        "before they are tuned for a task.");
    masked.params = params().specs();
    masked.loss = maskedLoss;
    masked.tasks = {ModelTask::MaskedLm, ModelTask::PreTraining};
    masked.corrupt = hideTokens;
    masked.check = checkMaskedLm;
    masked.paper = "Devlin et al. 2019, arXiv 1810.04805";
    registry.add(std::move(masked));
}

} // namespace tw
