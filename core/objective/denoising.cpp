// SPDX-License-Identifier: Apache-2.0
// Span corruption (T5; Raffel et al. 2020, section 3.1.4): spans of a text are replaced by one
// sentinel each, and the model writes the sentinels with what they stand for. The loss is the
// cross-entropy of the target's tokens. A decoder gets source and target as one row, of which it
// may see the source in both directions.

#include "core/base/translate.h"
#include "core/objective/denoised_rows.h"
#include "core/objective/special_ids.h"
#include "core/objective/token_loss.h"

namespace tw {
namespace {

struct DenoisingOptions
{
    double meanLength = 3.0;
    double rate = 0.15;
    std::int64_t inputLength = 512;
    bool seesWholeInput = true;
};

ParamTable<DenoisingOptions> params()
{
    using Options = DenoisingOptions;
    ParamTable<Options> table;
    table.add(&Options::rate, "rate", QT_TRANSLATE_NOOP("denoising", "Share hidden"))
        .help(QT_TRANSLATE_NOOP("denoising", "Share of a text's tokens that are taken out."))
        .range(0.01, 0.9)
        .source("Raffel et al. 2020");
    table
        .add(&Options::meanLength, "meanLength", QT_TRANSLATE_NOOP("denoising", "Length of a span"))
        .help(QT_TRANSLATE_NOOP("denoising",
                                "How many tokens in a row are taken out together, on average."))
        .range(1, 1024)
        .unit("tokens")
        .source("Raffel et al. 2020");
    table.add(&Options::inputLength, "inputLength", QT_TRANSLATE_NOOP("denoising", "Longest input"))
        .help(QT_TRANSLATE_NOOP("denoising",
                                "What the model reads and what it writes is at most this long; of "
                                "a longer text a stretch is drawn."))
        .range(8, 65536)
        .unit("tokens")
        .source("Raffel et al. 2020")
        .advanced();
    addSeesWholeInput(table, &Options::seesWholeInput);
    return table;
}

void hideSpans(Batch& batch,
               const Model& model,
               const ParamValues& settings,
               const BatchMoment& moment,
               RandomStream& random)
{
    const DenoisingOptions options = params().read(settings);
    const Tokenizer& tokenizer = tokenizerOf(moment);
    const DenoisedRows rows(model, tokenizer);
    const Sentinels sentinels(tokenizer);
    const SpanPlan plan {options.meanLength, options.rate};
    DenoisedLimits limits = rows.limitsOf(options.inputLength, 0);
    limits.sentinels = sentinels.count();
    limits.sentinelLength = sentinels.longest();
    const std::int64_t longest = longestText(plan, limits);
    std::vector<SourceAndTarget> parts;
    for (std::int64_t row = 0; row < batch.rowCount(); ++row) {
        const auto text = stretchOf(rows.textOf(batch, row), longest, random);
        const auto length = static_cast<std::int64_t>(text.size());
        parts.push_back(length < 2
                            ? SourceAndTarget {text, {}}
                            : withSentinels(text, hiddenTokens(length, plan, random), sentinels));
    }
    rows.put(parts, batch);
    if (options.seesWholeInput)
        rows.openSources(batch);
}

LossSum denoisingLoss(const Model& model, const Batch& batch, const ParamValues& /*settings*/)
{
    return tokenLoss(model, batch, packedInput(batch));
}

} // namespace

void registerDenoising(Registry<Objective>& registry)
{
    Objective denoising;
    denoising.id = "denoising";
    denoising.title = QT_TRANSLATE_NOOP("denoising", "Span denoising");
    denoising.summary = QT_TRANSLATE_NOOP(
        "denoising",
        "Learns to fill in what was taken out of plain text: how T5 was trained before it was "
        "tuned.");
    denoising.params = params().specs();
    denoising.loss = denoisingLoss;
    denoising.tasks = {ModelTask::ConditionalGeneration, ModelTask::CausalLm};
    denoising.corrupt = hideSpans;
    denoising.paper = "Raffel et al. 2020, arXiv 1910.10683";
    registry.add(std::move(denoising));
}

} // namespace tw
