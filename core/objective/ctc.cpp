// SPDX-License-Identifier: Apache-2.0
// Connectionist temporal classification (Graves et al. 2006): -log of the probability that the
// letters, with any number of blanks between them and each repeated any number of times, are what
// the frames of the sound say. The blank is the model's padding token, as in Transformers'
// Wav2Vec2ForCTC.

#include "core/base/error.h"
#include "core/base/translate.h"
#include "core/objective/label_logits.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

struct CtcOptions
{
    std::string reduction = "sum";
    bool zeroInfinity = false;
};

ParamTable<CtcOptions> params()
{
    ParamTable<CtcOptions> table;
    table.add(&CtcOptions::reduction, "reduction", QT_TRANSLATE_NOOP("ctc", "Loss of a batch"))
        .help(
            QT_TRANSLATE_NOOP("ctc",
                              "With the sum, long sounds and large batches weigh more and ask for "
                              "a smaller learning rate."))
        .choices({{"sum", QT_TRANSLATE_NOOP("ctc", "Sum over its sounds")},
                  {"mean", QT_TRANSLATE_NOOP("ctc", "Mean over its sounds, per letter")}})
        .source("Transformers' ctc_loss_reduction");
    table
        .add(&CtcOptions::zeroInfinity, "zeroInfinity",
             QT_TRANSLATE_NOOP("ctc", "Pass over impossible rows"))
        .help(
            QT_TRANSLATE_NOOP("ctc",
                              "A text with more letters than its sound has frames cannot be said; "
                              "its loss is infinite and ends the run unless it is passed over."))
        .source("Transformers' ctc_zero_infinity")
        .advanced();
    return table;
}

std::vector<std::int64_t> lettersOf(const Batch& batch)
{
    std::vector<std::int64_t> counts;
    for (std::size_t row = 0; row + 1 < batch.rowStarts.size(); ++row)
        counts.push_back(batch.rowStarts[row + 1] - batch.rowStarts[row]);
    return counts;
}

void check(const Batch& batch, const ModelConfig& config, std::int64_t letters)
{
    if (!config.waveform || batch.sounds.size() != static_cast<std::size_t>(batch.rowCount()))
        throw Error("This objective learns texts of sounds, and a row or the model has none.",
                    "Choose a model that hears samples, such as wav2vec 2.0, and a folder of "
                    "sounds.");
    const auto isLetter = [&](std::int64_t id) { return id >= 0 && id < letters; };
    if (!std::ranges::all_of(batch.ids, isLetter) || !isLetter(config.paddingId))
        throw Error("A letter lies outside the model's vocabulary of " + std::to_string(letters)
                        + ".",
                    "Use the tokenizer that belongs to this model.");
}

LossSum ctcLoss(const Model& model, const Batch& batch, const ParamValues& settings)
{
    const CtcOptions options = params().read(settings);
    const ModelConfig& config = model.config();
    const at::Tensor logits = labelLogits(model, batch); // [rows, frames, letters]
    check(batch, config, logits.size(2));
    std::vector<std::int64_t> frames;
    for (const std::vector<float>& sound : batch.sounds)
        frames.push_back(config.waveform->tokensOf(static_cast<std::int64_t>(sound.size())));
    const std::vector<std::int64_t> letters = lettersOf(batch);
    const at::Tensor losses =
        at::ctc_loss(logits.log_softmax(-1).transpose(0, 1), at::tensor(batch.ids, at::kLong),
                     frames, letters, config.paddingId, at::Reduction::None, options.zeroInfinity);
    if (options.reduction == "sum") // one number for a batch, whatever its rows
        return {losses.to(at::kDouble).sum(), 1};
    const at::Tensor perLetter = losses / at::tensor(letters, at::kFloat).clamp_min(1);
    return {perLetter.to(at::kDouble).sum(), batch.rowCount()};
}

} // namespace

void registerCtc(Registry<Objective>& registry)
{
    Objective objective;
    objective.id = "ctc";
    objective.title = QT_TRANSLATE_NOOP("ctc", "Texts of sounds");
    objective.summary =
        QT_TRANSLATE_NOOP("ctc", "Learns to write down what is said, letter by letter.");
    objective.params = params().specs();
    objective.loss = ctcLoss;
    objective.tasks = {ModelTask::Ctc};
    objective.paper = "Graves et al. 2006, Connectionist Temporal Classification";
    registry.add(std::move(objective));
}

} // namespace tw
