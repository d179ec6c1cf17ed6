// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/registry.h"
#include "core/analysis/xray.h"
#include "core/base/translate.h"

namespace tw {
namespace {

ParamTable<XrayOptions> params()
{
    ParamTable<XrayOptions> table;
    table.add(&XrayOptions::k, "k", QT_TRANSLATE_NOOP("xray", "Leading directions"))
        .help(QT_TRANSLATE_NOOP(
            "xray",
            "How many of the strongest directions of each matrix are looked at. 10 is usual."))
        .range(1, 200)
        .source("Shuttleworth et al. 2024");
    table.add(&XrayOptions::epsilon, "epsilon", QT_TRANSLATE_NOOP("xray", "New below"))
        .help(QT_TRANSLATE_NOOP("xray",
                                "A direction counts as new (an intruder) where it resembles none "
                                "of the base's by more than this. 0.5 is usual."))
        .range(0, 1)
        .source("Shuttleworth et al. 2024");
    table.add(&XrayOptions::plain, "plain", QT_TRANSLATE_NOOP("xray", "Decompose both matrices"))
        .help(QT_TRANSLATE_NOOP("xray",
                                "The long way, for checking: the same numbers, many times slower."))
        .source("our choice")
        .advanced();
    return table;
}

AnalysisResult run(const AnalysisInput& input, const ParamValues& values, JobControl& control)
{
    return toAnalysis(
        xray(input.base, input.tuned, params().read(values), input.cacheFolder, control));
}

} // namespace

void registerXrayAnalysis(Registry<Analysis>& registry)
{
    registry.add(
        {"xray", QT_TRANSLATE_NOOP("xray", "X-ray of the weights"),
         QT_TRANSLATE_NOOP(
             "xray", "Where did the weights change, by how much, and which directions are new?"),
         params().specs(), run});
}

} // namespace tw
