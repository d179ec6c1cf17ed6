// SPDX-License-Identifier: Apache-2.0
// Masked Thought (Chen et al. 2024, arXiv 2403.02178): supervised fine-tuning whose input loses
// some tokens of the answer while all of them stay targets. Before step t of T, each token of the
// answer is replaced with probability
//     p_t = min(p, p t / (r T + 1))
// so that the model cannot lean on the last few tokens that it wrote. Nothing is deleted: positions
// stay as they are.

#include "core/base/error.h"
#include "core/base/translate.h"
#include "core/objective/special_ids.h"
#include "core/objective/token_loss.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace tw {
namespace {

struct MaskedThoughtOptions
{
    double rate = 0.4;
    double ramp = 2.0 / 3.0;
    std::string replaceBy = "mask";
    std::string maskToken;
    bool maskPrompt = false;
    bool dropsMasked = false;
};

ParamTable<MaskedThoughtOptions> params()
{
    using Options = MaskedThoughtOptions;
    ParamTable<Options> table;
    table.add(&Options::rate, "rate", QT_TRANSLATE_NOOP("masked_thought", "Share masked"))
        .help(QT_TRANSLATE_NOOP("masked_thought",
                                "Share of the answer's tokens that are hidden at the end of the "
                                "ramp: about 0.4 for short answers, 0.2 for long ones."))
        .range(0, 1)
        .source("Chen et al. 2024, their code");
    table.add(&Options::ramp, "ramp", QT_TRANSLATE_NOOP("masked_thought", "Ramp"))
        .help(QT_TRANSLATE_NOOP("masked_thought",
                                "Share of the run in which the masking grows from nothing."))
        .range(0, 1)
        .source("Chen et al. 2024, their code")
        .advanced();
    table.add(&Options::replaceBy, "replaceBy", QT_TRANSLATE_NOOP("masked_thought", "Replaced by"))
        .help(QT_TRANSLATE_NOOP("masked_thought",
                                "What stands where a token is hidden. A tokenizer without a mask "
                                "token gives its padding token, or else its unknown token."))
        .choices({{"mask", QT_TRANSLATE_NOOP("masked_thought", "The mask token")},
                  {"random", QT_TRANSLATE_NOOP("masked_thought", "A random token")},
                  {"pad", QT_TRANSLATE_NOOP("masked_thought", "The padding token")}})
        .source("Chen et al. 2024; their script for GSM8K takes random tokens")
        .advanced();
    table.add(&Options::maskToken, "maskToken", QT_TRANSLATE_NOOP("masked_thought", "Mask token"))
        .help(QT_TRANSLATE_NOOP("masked_thought",
                                "A token of the model that is used for nothing else. Empty: the "
                                "tokenizer's own mask token."))
        .source("our choice")
        .shownWhen("replaceBy=mask")
        .advanced();
    table
        .add(&Options::maskPrompt, "maskPrompt",
             QT_TRANSLATE_NOOP("masked_thought", "Mask prompts too"))
        .help(QT_TRANSLATE_NOOP("masked_thought", "Hides tokens of the prompt at the same rate."))
        .source("default of the paper's code")
        .advanced();
    table
        .add(&Options::dropsMasked, "dropsMasked",
             QT_TRANSLATE_NOOP("masked_thought", "No attention to masked tokens"))
        .help(QT_TRANSLATE_NOOP("masked_thought",
                                "No token looks at what stands where one is hidden, as if it were "
                                "padding. Off: the model sees that something is hidden there."))
        .source("drop_mask of the paper's code")
        .advanced();
    return table;
}

/// p_t of the file comment.
double rateAt(const BatchMoment& moment, const MaskedThoughtOptions& options)
{
    const double grown =
        static_cast<double>(moment.step) / (options.ramp * static_cast<double>(moment.steps) + 1.0);
    return options.rate * std::min(1.0, grown);
}

std::int64_t replacementOf(const Tokenizer& tokenizer, const MaskedThoughtOptions& options)
{
    const SpecialTokens special = tokenizer.specialTokens();
    if (options.replaceBy == "mask")
        if (const auto mask = maskIdOf(tokenizer, options.maskToken))
            return *mask;
    if (special.pad)
        return *special.pad;
    if (options.replaceBy == "mask" && special.unknown)
        return *special.unknown;
    throw Error("The model's tokenizer has no token that could stand where one is hidden.",
                "Name one as the mask token, or replace by random tokens.");
}

/// Whether the token at i may be hidden; first: where its row starts. A row's first token is never
/// predicted, so it belongs to the prompt.
bool isCandidate(const Batch& batch,
                 std::int64_t i,
                 std::int64_t first,
                 const MaskedThoughtOptions& options,
                 const Tokenizer& tokenizer)
{
    const bool isAnswer = i > first && batch.targets[static_cast<std::size_t>(i - 1)] != -100;
    return isAnswer
        || (options.maskPrompt && !tokenizer.isSpecial(batch.ids[static_cast<std::size_t>(i)]));
}

void maskAnswers(Batch& batch,
                 const Model& model,
                 const ParamValues& settings,
                 const BatchMoment& moment,
                 RandomStream& random)
{
    const MaskedThoughtOptions options = params().read(settings);
    const double rate = rateAt(moment, options);
    if (!moment.isTraining || rate <= 0.0)
        return;
    const Tokenizer& tokenizer = tokenizerOf(moment);
    const bool isRandom = options.replaceBy == "random";
    const std::int64_t replacement = isRandom ? 0 : replacementOf(tokenizer, options);
    const auto known = static_cast<std::uint64_t>(sharedIds(tokenizer, model));
    if (options.dropsMasked)
        batch.isUnseen.assign(batch.ids.size(), 0);
    for (std::int64_t row = 0; row < batch.rowCount(); ++row) {
        const std::int64_t first = batch.rowStarts[static_cast<std::size_t>(row)];
        const std::int64_t end = batch.rowStarts[static_cast<std::size_t>(row) + 1];
        for (std::int64_t i = first; i < end; ++i) {
            if (!isCandidate(batch, i, first, options, tokenizer) || random.uniform() >= rate)
                continue;
            batch.ids[static_cast<std::size_t>(i)] =
                isRandom ? static_cast<std::int64_t>(random.below(known)) : replacement;
            if (options.dropsMasked)
                batch.isUnseen[static_cast<std::size_t>(i)] = 1;
        }
    }
}

LossSum maskedThoughtLoss(const Model& model, const Batch& batch, const ParamValues& /*settings*/)
{
    if (!at::GradMode::is_enabled() && batch.weights.empty())
        return tokenScores(model, batch, packedInput(batch));
    return tokenLoss(model, batch, packedInput(batch));
}

} // namespace

void registerMaskedThought(Registry<Objective>& registry)
{
    Objective objective;
    objective.id = "masked_thought";
    objective.title = QT_TRANSLATE_NOOP("masked_thought", "Masked Thought");
    objective.summary = QT_TRANSLATE_NOOP("masked_thought",
                                          "Hides some of the answer's own tokens while it is "
                                          "learned, so that the model keeps looking "
                                          "at the question; helps where answers reason in steps.");
    objective.params = params().specs();
    objective.loss = maskedThoughtLoss;
    objective.corrupt = maskAnswers;
    objective.tasks = {ModelTask::CausalLm, ModelTask::ConditionalGeneration};
    objective.paper = "Chen et al. 2024, arXiv 2403.02178";
    registry.add(std::move(objective));
}

} // namespace tw
