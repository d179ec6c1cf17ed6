// SPDX-License-Identifier: Apache-2.0
// Supervised fine-tuning: the sum over trained positions i of w_i times -log p(target_i | tokens up
// to i), of a decoder or of an encoder with its decoder. A share of the target may be spread over
// the vocabulary (label smoothing, Szegedy et al. 2016), and noise may be added to the embeddings
// (NEFTune, Jain et al. 2023).

#include "core/base/translate.h"
#include "core/objective/token_loss.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {
namespace {

struct SupervisedOptions
{
    std::string trainOn = "answers";
    double labelSmoothing = 0.0;
    double neftune = 0.0;
};

ParamTable<SupervisedOptions> params()
{
    ParamTable<SupervisedOptions> table;
    table.add(&SupervisedOptions::trainOn, "trainOn", QT_TRANSLATE_NOOP("supervised", "Learn from"))
        .help(QT_TRANSLATE_NOOP(
            "supervised", "Which tokens of a row count. Texts without roles are learned whole."))
        .choices({{"answers", QT_TRANSLATE_NOOP("supervised", "All answers")},
                  {"lastAnswer", QT_TRANSLATE_NOOP("supervised", "The last answer")},
                  {"template", QT_TRANSLATE_NOOP("supervised", "What the chat template marks")},
                  {"everything", QT_TRANSLATE_NOOP("supervised", "Prompts and answers")}})
        .source("our choice; TRL calls it assistant_only_loss and completion_only_loss");
    table
        .add(&SupervisedOptions::labelSmoothing, "labelSmoothing",
             QT_TRANSLATE_NOOP("supervised", "Label smoothing"))
        .help(QT_TRANSLATE_NOOP("supervised",
                                "Share of the target that is spread over all tokens, so that the "
                                "model stays less sure of itself."))
        .range(0, 0.5)
        .source("default of the Transformers Trainer")
        .advanced();
    table.add(&SupervisedOptions::neftune, "neftune", QT_TRANSLATE_NOOP("supervised", "NEFTune"))
        .help(QT_TRANSLATE_NOOP("supervised",
                                "Noise on the embeddings while training; 5 to 15 can help small "
                                "chat data. 0: none."))
        .range(0, 100)
        .source("Jain et al. 2023; TRL's neftune_noise_alpha")
        .advanced();
    return table;
}

LossSum supervisedLoss(const Model& model, const Batch& batch, const ParamValues& settings)
{
    const SupervisedOptions options = params().read(settings);
    PackedInput input = packedInput(batch);
    input.noise = options.neftune;
    if (!at::GradMode::is_enabled() && batch.weights.empty())
        return tokenScores(model, batch, input);
    return tokenLoss(model, batch, input, {{}, options.labelSmoothing});
}

} // namespace

void registerSupervised(Registry<Objective>& registry)
{
    Objective supervised;
    supervised.id = "supervised";
    supervised.title = QT_TRANSLATE_NOOP("supervised", "Supervised");
    supervised.summary =
        QT_TRANSLATE_NOOP("supervised", "Learns to give the answers of the data, token by token.");
    supervised.params = params().specs();
    supervised.loss = supervisedLoss;
    supervised.tasks = {ModelTask::CausalLm, ModelTask::ConditionalGeneration};
    registry.add(std::move(supervised));
}

} // namespace tw
