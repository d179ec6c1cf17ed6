// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/loaded_pair.h"
#include "core/analysis/registry.h"
#include "core/base/translate.h"

namespace tw {
namespace {

ParamTable<ContrastOptions> params()
{
    ParamTable<ContrastOptions> table;
    table.add(&ContrastOptions::alpha, "alpha", QT_TRANSLATE_NOOP("contrast", "Plausible from"))
        .help(
            QT_TRANSLATE_NOOP("contrast",
                              "A token may come if the tuned model finds it at least this likely, "
                              "against its likeliest. 0.02 to 0.2; 0 lets everything through."))
        .range(0, 1)
        .source("Isonuma and Titov 2024, scripts");
    table.add(&ContrastOptions::gamma, "gamma", QT_TRANSLATE_NOOP("contrast", "Contrast strength"))
        .help(QT_TRANSLATE_NOOP("contrast",
                                "How much the base's opinion is held against a token. 0 samples "
                                "from the tuned model alone."))
        .range(0, 2)
        .source("Isonuma and Titov 2024, scripts");
    table.add(&ContrastOptions::beams, "beams", QT_TRANSLATE_NOOP("contrast", "Beams"))
        .help(QT_TRANSLATE_NOOP("contrast",
                                "1 samples plainly and finds more kinds of text; 4 finds fewer "
                                "kinds more surely and takes four times as long."))
        .range(1, 8)
        .source("Isonuma and Titov 2024 use 4");
    table.add(&ContrastOptions::length, "length", QT_TRANSLATE_NOOP("contrast", "Length"))
        .help(QT_TRANSLATE_NOOP("contrast", "Tokens of each text."))
        .range(2, 1024)
        .unit(QT_TRANSLATE_NOOP("contrast", "tokens"))
        .source("our choice; the scripts use 256");
    table.add(&ContrastOptions::texts, "texts", QT_TRANSLATE_NOOP("contrast", "Texts"))
        .help(QT_TRANSLATE_NOOP(
            "contrast", "How many texts are written. 40 show the main kinds, 100 also rare ones."))
        .range(1, 1000)
        .source("our choice; the scripts use 100");
    table.add(&ContrastOptions::seed, "seed", QT_TRANSLATE_NOOP("contrast", "Seed"))
        .help(QT_TRANSLATE_NOOP("contrast", "The same seed gives the same texts."))
        .range(0, 2147483647)
        .source("our choice")
        .advanced();
    table.add(&ContrastOptions::prefix, "prefix", QT_TRANSLATE_NOOP("contrast", "Begin with"))
        .help(QT_TRANSLATE_NOOP("contrast",
                                "Words that every text begins with, such as the chat template's; "
                                "empty begins with nothing."))
        .source("our choice")
        .advanced();
    return table;
}

AnalysisResult run(const AnalysisInput& input, const ParamValues& values, JobControl& control)
{
    const ContrastOptions options = params().read(values);
    const auto tokenizer = openTokenizer(input.base.model);
    const LoadedPair loaded(input.base, input.tuned, control);
    return toAnalysis(generateContrastive(loaded.pair(), *tokenizer, options, control, {}),
                      options);
}

} // namespace

void registerContrastiveGeneration(Registry<Analysis>& registry)
{
    registry.add({"contrastive-generation", QT_TRANSLATE_NOOP("contrast", "What is new in it"),
                  QT_TRANSLATE_NOOP("contrast",
                                    "What kinds of text did the model learn that its base did not "
                                    "know, without seeing the data?"),
                  params().specs(), run});
}

} // namespace tw
