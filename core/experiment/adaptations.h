// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"
#include "core/experiment/document.h"

#include <memory>
#include <vector>

namespace tw {

/// The sites an adaptation of the document sits on; its method's default sites in all layers where
/// it names none. Throws Error for unknown sites and for texts that are no list of layers.
SiteSelection selectionOf(const AdaptationChoice& choice,
                          const Adaptation& method,
                          const std::vector<SiteInfo>& sites);

/// What is wrong with the adaptations of a document, each at its field: unknown methods, settings
/// out of range, sites that the model lacks, two methods that cannot share a site. sites: of the
/// model; empty where it is not known.
Problems checkAdaptations(const Experiment& experiment, const std::vector<SiteInfo>& sites);

/// All that an experiment attaches to its model.
struct AttachedMethods
{
    std::vector<std::unique_ptr<Adapter>> frozen; ///< those that it lies over
    std::unique_ptr<Adapter> trained;
    std::vector<Treatment> treatments; ///< of the trained parameters, in their order

    AttachedMethods() = default;
    AttachedMethods(AttachedMethods&&) = default;
    AttachedMethods& operator=(AttachedMethods&&) = default;
    ~AttachedMethods(); ///< what lies on top goes first
};
/// Attaches them in the order of the document, and what trains the model's head where it tells
/// labels apart; initial values follow from the document's seed. Throws Error.
AttachedMethods attachMethods(Model& model,
                              const Experiment& experiment,
                              const std::vector<PackedInput>& calibration);

} // namespace tw
