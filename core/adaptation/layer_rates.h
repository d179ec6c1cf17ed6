// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/param.h"
#include "core/base/translate.h"
#include "core/model/site.h"

#include <string>
#include <vector>

namespace tw {

/// Layer-wise learning-rate decay: what lies nearer to the input learns slower, by a factor g for
/// each block (Howard and Ruder 2018). Two conventions differ by one power of g.
struct LayerRates
{
    double decay = 1.0; ///< g; 1: all learn alike
    std::string convention = "revisit";
};

/// Learning rate at a site, as a multiple of the run's, of a model with these sites. With n blocks,
/// block i from 1: "electra" (Clark et al. 2020) g^(n + 2 - i), "revisit" (Zhang et al. 2021)
/// g^(n + 1 - i); embeddings count as i = 0, the head has 1.
double rateAt(const LayerRates& rates, const Site& site, const std::vector<SiteInfo>& sites);

/// Adds its two settings to those of a method.
template <typename Options>
void addLayerRates(ParamTable<Options>& table, double Options::* decay, std::string Options::* how)
{
    table.add(decay, "layerDecay", QT_TRANSLATE_NOOP("adaptation", "Layer-wise decay"))
        .help(QT_TRANSLATE_NOOP("adaptation",
                                "Each block nearer to the input learns slower by this factor. 1: "
                                "all alike; 0.9 often steadies small data sets."))
        .range(0.3, 1.0)
        .source("0.8 to 0.95 in the code of ELECTRA and of Zhang et al. 2021; off by our choice")
        .advanced();
    table.add(how, "layerDecayFrom", QT_TRANSLATE_NOOP("adaptation", "Counted as in"))
        .help(QT_TRANSLATE_NOOP("adaptation", "The two published codes differ by one power."))
        .choices({{"revisit", QT_TRANSLATE_NOOP("adaptation", "Revisiting BERT (Zhang et al.)")},
                  {"electra", QT_TRANSLATE_NOOP("adaptation", "ELECTRA (Clark et al.)")}})
        .source("asappresearch/revisit-bert-finetuning; google-research/electra")
        .advanced();
}

} // namespace tw
