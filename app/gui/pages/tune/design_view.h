// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/pages/tune/design.h"
#include "app/gui/pages/tune/design_problems.h"
#include "widgets/grid/block_layout.h"
#include "widgets/grid/site_grid.h"

#include <QString>

namespace tw {

/// The title of a method in the person's language; its id where it is not registered.
QString methodTitle(const Design& design, const std::string& method);
/// How the adaptations of a document look, in its order.
std::vector<SiteOwner> ownersOf(const Design& design, const Experiment& experiment);
/// The colour of an adaptation, and of one that is about to be added.
int lineOf(int adaptation);

SiteGridValue gridValue(const Design& design,
                        const Experiment& experiment,
                        const Hand& hand,
                        const std::vector<DesignProblem>& problems);
/// One layer of what the grid shows.
BlockValue blockValue(const SiteGridValue& grid, int layer, const BlockShape& shape);

/// "70 of 210 linear sites, blocks 0 to 29"
QString placesInWords(const Design& design, const SiteGridValue& grid);
/// "LoRA on all linear layers", "LoRA on attn.q, attn.v and IA3"
QString designInWords(const Design& design, const Experiment& experiment);

} // namespace tw
