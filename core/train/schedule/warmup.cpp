// SPDX-License-Identifier: Apache-2.0
#include "core/train/schedule/warmup.h"

#include "core/base/translate.h"

namespace tw {

const ParamTable<WarmupOptions>& warmupParams()
{
    static const ParamTable<WarmupOptions> table = [] {
        ParamTable<WarmupOptions> filled;
        filled
            .add(&WarmupOptions::warmupSteps, "warmupSteps",
                 QT_TRANSLATE_NOOP("schedule", "Warm-up"))
            .help(QT_TRANSLATE_NOOP("schedule",
                                    "The learning rate rises from 0 over these steps, so that the "
                                    "optimiser knows its way before it runs."))
            .range(0, 100000)
            .unit(QT_TRANSLATE_NOOP("schedule", "steps"))
            .source("our choice; Hugging Face's default is none");
        return filled;
    }();
    return table;
}

std::optional<double> warmupFactor(std::int64_t step, const WarmupOptions& options)
{
    if (step >= options.warmupSteps)
        return std::nullopt;
    return static_cast<double>(step) / static_cast<double>(options.warmupSteps);
}

} // namespace tw
