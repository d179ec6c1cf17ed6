// SPDX-License-Identifier: Apache-2.0
// Prefix tuning (Li and Liang 2021): every layer finds n trained keys and values before those of
// the text. They are trained themselves, or made by a network while they are trained:
// P = tanh(E W1 + b1) W2 + b2; what it makes in the end is all that is kept.

#include "core/adaptation/own_method.h"
#include "core/adaptation/prompt_encoder.h"
#include "core/adaptation/start_values.h"
#include "core/adaptation/virtual_token_settings.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct PrefixOptions
{
    std::int64_t virtualTokens = 30;
    std::string form = "direct";
    double deviation = 0.02;
    std::int64_t width = 800;
    bool movesText = true;
};

ParamTable<PrefixOptions> params()
{
    ParamTable<PrefixOptions> table;
    table
        .add(&PrefixOptions::virtualTokens, "virtualTokens",
             QT_TRANSLATE_NOOP("prefix_tuning", "Virtual tokens"))
        .help(QT_TRANSLATE_NOOP("prefix_tuning",
                                "How many trained keys and values every layer finds before the "
                                "text. They take room in the model's context."))
        .range(1, 1000)
        .source("He et al. 2022: 30 for generation, 16 for classification");
    table.add(&PrefixOptions::form, "form", QT_TRANSLATE_NOOP("prefix_tuning", "Trained as"))
        .help(QT_TRANSLATE_NOOP(
            "prefix_tuning",
            "A network that makes all keys and values steadies the training and needs memory for "
            "it; it is gone afterwards."))
        .choices({{"direct", QT_TRANSLATE_NOOP("prefix_tuning", "Keys and values themselves")},
                  {"network", QT_TRANSLATE_NOOP("prefix_tuning", "A network that makes them")}})
        .source("PEFT's prefix_projection; Li and Liang 2021 train the network");
    table
        .add(&PrefixOptions::deviation, "deviation",
             QT_TRANSLATE_NOOP("prefix_tuning", "Start deviation"))
        .help(QT_TRANSLATE_NOOP("prefix_tuning",
                                "Deviation of the first keys and values. PEFT draws with 1; with 0 "
                                "the text sees empty tokens."))
        .range(0, 10)
        .source("He et al. 2022")
        .shownWhen("form=direct")
        .advanced();
    table.add(&PrefixOptions::width, "width", QT_TRANSLATE_NOOP("prefix_tuning", "Network width"))
        .help(QT_TRANSLATE_NOOP("prefix_tuning", "Width of the network's inner layer."))
        .range(1, 8192)
        .source("Li and Liang 2021: 512 and 800")
        .shownWhen("form=network")
        .advanced();
    table
        .add(&PrefixOptions::movesText, "movesText",
             QT_TRANSLATE_NOOP("prefix_tuning", "Move the text on"))
        .help(QT_TRANSLATE_NOOP(
            "prefix_tuning",
            "Whether the text's positions begin behind the prefix. A model that looks positions up "
            "in a table, as GPT-2 does, knows its text better where it stays; PEFT moves it on and "
            "cannot open an adapter that does not."))
        .source("PEFT's way; He et al. 2022 leave the text where it is")
        .advanced();
    return table;
}

/// in: width of the embeddings that the network reads; out: of the keys and values of all layers.
PromptMlp networkOf(const PrefixOptions& options, std::int64_t in, std::int64_t out)
{
    return {options.virtualTokens,
            {in, options.width, out},
            [](const at::Tensor& x) { return at::tanh(x); },
            "transform"};
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    if (chosen.empty())
        return 0;
    const PrefixOptions options = params().read(values);
    const SiteInfo& place = chosen.front();
    return options.form == "network" ? trainedCount(networkOf(options, place.in, place.out))
                                     : options.virtualTokens * place.out;
}

Problems check(const std::vector<SiteInfo>& sites,
               const SiteSelection& selection,
               const ParamValues& /*values*/)
{
    return checkVirtualTokens("Prefix tuning", sites, selection);
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const PrefixOptions options = params().read(values);
    const ModelConfig& config = model.config();
    const std::int64_t out = 2 * config.layers * config.keyWidth();
    const auto numbers = options.form == "network"
        ? numbersOf(networkOf(options, config.embeddingWidth(), out), context.random)
        : std::make_shared<TokenNumbers>(
              normalValues({options.virtualTokens, out}, options.deviation, context.random));
    AdapterParts parts = tokenParts(
        numbers, std::make_shared<PrefixTokens>(numbers, config.keyWidth(), options.movesText));
    if (!options.movesText) {
        ParamValues kept = values;
        kept["form"] = std::string("direct"); // what the network made is written
        return attachParts(model, std::move(parts),
                           ownConfigWriter("prefix_tuning", selection, kept));
    }
    return attachParts(
        model, std::move(parts),
        virtualTokenConfig("PREFIX_TUNING", options.virtualTokens,
                           {config.keyWidth(), config.kvHeads}, config.layers,
                           {{"encoder_hidden_size", config.keyWidth()},
                            {"init_weights", nullptr},
                            {"prefix_projection", false}})); // what the network made is written
}

} // namespace

void registerPrefixTuning(Registry<Adaptation>& registry)
{
    Adaptation prefix;
    prefix.id = "prefix_tuning";
    prefix.title = QT_TRANSLATE_NOOP("prefix_tuning", "Prefix tuning");
    prefix.summary = QT_TRANSLATE_NOOP(
        "prefix_tuning", "Lets every layer find a few trained tokens before the text.");
    prefix.traits = {Trait::PromptLike, Trait::SmallMemory, Trait::KeepsKnowledge};
    prefix.paper = "Li and Liang 2021, Prefix-Tuning: Optimizing Continuous Prompts for Generation";
    prefix.siteKinds = {SiteKind::Prompt};
    prefix.defaultSites = {SiteKind::Prompt};
    prefix.params = params().specs();
    prefix.parameterCount = parameterCount;
    prefix.virtualTokens = [](const ParamValues& values) {
        return params().read(values).virtualTokens;
    };
    prefix.check = check;
    prefix.attach = attach;
    prefix.freshDiffers = QT_TRANSLATE_NOOP(
        "prefix_tuning", "every layer reads keys and values that were not there before");
    registry.add(std::move(prefix));
}

} // namespace tw
