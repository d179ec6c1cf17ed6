// SPDX-License-Identifier: Apache-2.0
// Prompt tuning (Lester et al. 2021): n trained embeddings stand before each text, and nothing else
// is trained.

#include "core/adaptation/prompt_start.h"
#include "core/adaptation/virtual_token_settings.h"
#include "core/adaptation/virtual_tokens.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

namespace tw {
namespace {

struct PromptOptions
{
    std::int64_t virtualTokens = 20;
    std::string start = "vocabulary";
    std::string ids;
};

ParamTable<PromptOptions> params()
{
    ParamTable<PromptOptions> table;
    table
        .add(&PromptOptions::virtualTokens, "virtualTokens",
             QT_TRANSLATE_NOOP("prompt_tuning", "Virtual tokens"))
        .help(QT_TRANSLATE_NOOP("prompt_tuning",
                                "How many trained embeddings stand before each text. They take "
                                "room in the model's context."))
        .range(1, 1000)
        .source("Lester et al. 2021: 20 to 100");
    table.add(&PromptOptions::start, "start", QT_TRANSLATE_NOOP("prompt_tuning", "Start values"))
        .help(QT_TRANSLATE_NOOP(
            "prompt_tuning",
            "Embeddings of real tokens begin where the model knows its way; random numbers often "
            "lie far from all tokens and learn slowly."))
        .choices(
            {{"vocabulary", QT_TRANSLATE_NOOP("prompt_tuning", "Tokens drawn from the vocabulary")},
             {"tokens", QT_TRANSLATE_NOOP("prompt_tuning", "Chosen tokens")},
             {"random", QT_TRANSLATE_NOOP("prompt_tuning", "Random numbers, deviation 1")}})
        .source("Lester et al. 2021; PEFT draws random numbers");
    table.add(&PromptOptions::ids, "ids", QT_TRANSLATE_NOOP("prompt_tuning", "Chosen tokens"))
        .help(QT_TRANSLATE_NOOP("prompt_tuning",
                                "Token ids to begin with, separated by spaces: those of a sentence "
                                "that describes the task. Too few are repeated, too many cut."))
        .source("PEFT's prompt_tuning_init_text")
        .shownWhen("start=tokens");
    return table;
}

at::Tensor startOf(const Model& model, const PromptOptions& options, RandomStream& random)
{
    if (options.start == "random")
        return randomPrompt(model, options.virtualTokens, random);
    return embeddingsOf(model,
                        options.start == "tokens"
                            ? repeatedIds(promptIdsFrom(options.ids), options.virtualTokens)
                            : drawnIds(model, options.virtualTokens, random));
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    Problems problems = checkVirtualTokens("Prompt tuning", sites, selection);
    const PromptOptions options = params().read(values);
    if (options.start == "tokens")
        for (Problem& problem : checkPromptIds(options.ids, sites, "settings.ids"))
            problems.push_back(std::move(problem));
    return problems;
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    return chosen.empty() ? 0 : params().read(values).virtualTokens * chosen.front().in;
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& /*selection*/,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const PromptOptions options = params().read(values);
    const ModelConfig& config = model.config();
    const auto numbers = std::make_shared<TokenNumbers>(startOf(model, options, context.random));
    return attachParts(
        model, tokenParts(numbers, std::make_shared<PromptTokens>(numbers)),
        virtualTokenConfig("PROMPT_TUNING", options.virtualTokens,
                           {config.embeddingWidth(), config.heads}, config.layers,
                           {{"prompt_tuning_init", "RANDOM"}, // what a start was is not asked again
                            {"prompt_tuning_init_text", nullptr},
                            {"tokenizer_kwargs", nullptr},
                            {"tokenizer_name_or_path", nullptr}}));
}

} // namespace

void registerPromptTuning(Registry<Adaptation>& registry)
{
    Adaptation prompt;
    prompt.id = "prompt_tuning";
    prompt.title = QT_TRANSLATE_NOOP("prompt_tuning", "Prompt tuning");
    prompt.summary = QT_TRANSLATE_NOOP(
        "prompt_tuning",
        "Learns a few tokens that no word stands for and puts them before each text.");
    prompt.traits = {Trait::PromptLike, Trait::SmallMemory, Trait::KeepsKnowledge};
    prompt.paper = "Lester et al. 2021, The Power of Scale for Parameter-Efficient Prompt Tuning";
    prompt.siteKinds = {SiteKind::Prompt};
    prompt.defaultSites = {SiteKind::Prompt};
    prompt.params = params().specs();
    prompt.parameterCount = parameterCount;
    prompt.virtualTokens = [](const ParamValues& values) {
        return params().read(values).virtualTokens;
    };
    prompt.check = check;
    prompt.attach = attach;
    prompt.freshDiffers = QT_TRANSLATE_NOOP(
        "prompt_tuning", "the text is read behind tokens that were not there before");
    registry.add(std::move(prompt));
}

} // namespace tw
