// SPDX-License-Identifier: Apache-2.0
// P-tuning (Liu et al. 2021): the embeddings before each text are made by a network of trained
// ones, so that they move together. What it makes in the end is all that is kept.

#include "core/adaptation/prompt_encoder.h"
#include "core/adaptation/virtual_token_settings.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct PTuningOptions
{
    std::int64_t virtualTokens = 20;
    std::string encoder = "mlp";
    std::int64_t width = 0;
    std::int64_t layers = 2;
    double dropout = 0.0;
};

ParamTable<PTuningOptions> params()
{
    ParamTable<PTuningOptions> table;
    table
        .add(&PTuningOptions::virtualTokens, "virtualTokens",
             QT_TRANSLATE_NOOP("p_tuning", "Virtual tokens"))
        .help(QT_TRANSLATE_NOOP("p_tuning",
                                "How many trained embeddings stand before each text. They take "
                                "room in the model's context."))
        .range(1, 1000)
        .source("our choice; PEFT has no default");
    table.add(&PTuningOptions::encoder, "encoder", QT_TRANSLATE_NOOP("p_tuning", "Network"))
        .help(QT_TRANSLATE_NOOP(
            "p_tuning", "What makes the embeddings: each for itself, or one after the other."))
        .choices({{"mlp", QT_TRANSLATE_NOOP("p_tuning", "Three layers (MLP)")},
                  {"lstm", QT_TRANSLATE_NOOP("p_tuning", "An LSTM in both directions")}})
        .source("PEFT's encoder_reparameterization_type; Liu et al. 2021 use the LSTM");
    table.add(&PTuningOptions::width, "width", QT_TRANSLATE_NOOP("p_tuning", "Network width"))
        .help(QT_TRANSLATE_NOOP("p_tuning",
                                "Width of the network's inner layers. 0 takes the model's width."))
        .range(0, 8192)
        .source("PEFT's default");
    table.add(&PTuningOptions::layers, "layers", QT_TRANSLATE_NOOP("p_tuning", "Layers"))
        .help(QT_TRANSLATE_NOOP("p_tuning", "How many layers the LSTM has."))
        .range(1, 8)
        .source("PEFT's default")
        .shownWhen("encoder=lstm")
        .advanced();
    table.add(&PTuningOptions::dropout, "dropout", QT_TRANSLATE_NOOP("p_tuning", "Dropout"))
        .help(QT_TRANSLATE_NOOP("p_tuning",
                                "Share of the numbers between the LSTM's layers that a step leaves "
                                "out."))
        .range(0, 0.9)
        .source("PEFT's default")
        .shownWhen("encoder=lstm")
        .advanced();
    return table;
}

std::int64_t widthOf(const PTuningOptions& options, std::int64_t hidden)
{
    return options.width > 0 ? options.width : hidden;
}

PromptMlp mlpOf(const PTuningOptions& options, std::int64_t hidden)
{
    const std::int64_t width = widthOf(options, hidden);
    return {options.virtualTokens,
            {hidden, width, width, hidden},
            [](const at::Tensor& x) { return at::relu(x); },
            "mlp_head"};
}

PromptLstm lstmOf(const PTuningOptions& options, std::int64_t hidden)
{
    return {options.virtualTokens, hidden, widthOf(options, hidden), options.layers,
            options.dropout};
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    if (chosen.empty())
        return 0;
    const PTuningOptions options = params().read(values);
    const std::int64_t hidden = chosen.front().in;
    return options.encoder == "lstm" ? trainedCount(lstmOf(options, hidden))
                                     : trainedCount(mlpOf(options, hidden));
}

Problems check(const std::vector<SiteInfo>& sites,
               const SiteSelection& selection,
               const ParamValues& /*values*/)
{
    return checkVirtualTokens("P-tuning", sites, selection);
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& /*selection*/,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const PTuningOptions options = params().read(values);
    const ModelConfig& config = model.config();
    const std::int64_t hidden = config.embeddingWidth();
    const bool isLstm = options.encoder == "lstm";
    const auto numbers = isLstm ? numbersOf(lstmOf(options, hidden), context.random)
                                : numbersOf(mlpOf(options, hidden), context.random);
    return attachParts(
        model, tokenParts(numbers, std::make_shared<PromptTokens>(numbers)),
        virtualTokenConfig("P_TUNING", options.virtualTokens, {hidden, config.heads}, config.layers,
                           {{"encoder_dropout", options.dropout},
                            {"encoder_hidden_size", widthOf(options, hidden)},
                            {"encoder_num_layers", options.layers},
                            {"encoder_reparameterization_type", isLstm ? "LSTM" : "MLP"}}));
}

} // namespace

void registerPTuning(Registry<Adaptation>& registry)
{
    Adaptation pTuning;
    pTuning.id = "p_tuning";
    pTuning.title = QT_TRANSLATE_NOOP("p_tuning", "P-tuning");
    pTuning.summary = QT_TRANSLATE_NOOP(
        "p_tuning",
        "Learns tokens before each text through a small network, so that they move together.");
    pTuning.traits = {Trait::PromptLike, Trait::KeepsKnowledge};
    pTuning.paper = "Liu et al. 2021, GPT Understands, Too";
    pTuning.siteKinds = {SiteKind::Prompt};
    pTuning.defaultSites = {SiteKind::Prompt};
    pTuning.params = params().specs();
    pTuning.parameterCount = parameterCount;
    pTuning.virtualTokens = [](const ParamValues& values) {
        return params().read(values).virtualTokens;
    };
    pTuning.check = check;
    pTuning.attach = attach;
    pTuning.freshDiffers =
        QT_TRANSLATE_NOOP("p_tuning", "the text is read behind tokens that were not there before");
    registry.add(std::move(pTuning));
}

} // namespace tw
