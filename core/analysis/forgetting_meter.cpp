// SPDX-License-Identifier: Apache-2.0
// Forgetting: F = L(tuned) - L(base) on text that has nothing to do with the tuning, in nats a
// token.
#include "core/analysis/loaded_pair.h"
#include "core/analysis/registry.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/base/translate.h"
#include "core/evaluation/perplexity.h"

#include <algorithm>

namespace tw {
namespace {

struct Options
{
    std::int64_t window = 256;
    std::int64_t mostTokens = 8192;
};

ParamTable<Options> params()
{
    ParamTable<Options> table;
    table.add(&Options::window, "window", QT_TRANSLATE_NOOP("forgetting", "Window"))
        .help(QT_TRANSLATE_NOOP(
            "forgetting",
            "How much of the text is read at a time. Longer gives lower losses and takes longer."))
        .range(16, 8192)
        .unit(QT_TRANSLATE_NOOP("forgetting", "tokens"))
        .source("our choice");
    table.add(&Options::mostTokens, "tokens", QT_TRANSLATE_NOOP("forgetting", "Read at most"))
        .help(QT_TRANSLATE_NOOP(
            "forgetting",
            "Longer texts are cut here. 8,000 tokens tell differences of 0.02 nats apart."))
        .range(64, 1 << 20)
        .unit(QT_TRANSLATE_NOOP("forgetting", "tokens"))
        .source("our choice");
    return table;
}

std::string rounded(double value, bool isSigned)
{
    char text[32];
    std::snprintf(text, sizeof text, isSigned ? "%+.2f" : "%.2f", value);
    return text;
}

AnalysisResult resultOf(const TokenLoss& before,
                        const TokenLoss& after,
                        const AnalysisInput& input,
                        const Options& options)
{
    const double forgotten = after.mean() - before.mean();
    AnalysisResult out;
    out.method = "forgetting";
    out.title = QT_TRANSLATE_NOOP("forgetting", "Forgetting");
    out.summary = rounded(forgotten, true) + " nats a token is the price on general text ("
        + rounded(before.mean(), false) + " to " + rounded(after.mean(), false) + ").";
    const std::string read = "over " + groupedDigits(before.tokens) + " tokens";
    out.numbers = {{"forgetting", QT_TRANSLATE_NOOP("forgetting", "Forgetting"), forgotten,
                    "nats a token", read},
                   {"before", QT_TRANSLATE_NOOP("forgetting", "Loss of the base"), before.mean(),
                    "nats a token", "general text"},
                   {"after", QT_TRANSLATE_NOOP("forgetting", "Loss of the tuned model"),
                    after.mean(), "nats a token", "general text"}};
    out.provenance = Json {
        {"base",
         {{"model", input.base.model},
          {"adapter", input.base.adapter},
          {"furtherAdapters", input.base.furtherAdapters}}},
        {"tuned",
         {{"model", input.tuned.model},
          {"adapter", input.tuned.adapter},
          {"furtherAdapters", input.tuned.furtherAdapters}}},
        {"textSha256", sha256(input.generalText)},
        {"window", options.window},
        {"tokens", before.tokens},
        {"version",
         TW_VERSION}}.dump();
    return out;
}

AnalysisResult run(const AnalysisInput& input, const ParamValues& values, JobControl& control)
{
    const Options options = params().read(values);
    std::vector<std::int64_t> ids =
        openTokenizer(input.base.model)->encode(input.generalText, true).ids;
    ids.resize(std::min(ids.size(), static_cast<std::size_t>(options.mostTokens)));
    const LoadedPair loaded(input.base, input.tuned, control);
    const ContrastPair pair = loaded.pair();
    const TokenLoss before = textLoss(pair.base(), ids, options.window, options.window, control);
    const TokenLoss after = textLoss(pair.tuned(), ids, options.window, options.window, control);
    return resultOf(before, after, input, options);
}

} // namespace

void registerForgettingMeter(Registry<Analysis>& registry)
{
    registry.add(
        {"forgetting", QT_TRANSLATE_NOOP("forgetting", "Forgetting meter"),
         QT_TRANSLATE_NOOP("forgetting",
                           "How much worse does the model read ordinary text since it was tuned?"),
         params().specs(), run});
}

} // namespace tw
