// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/experiment/document.h"
#include "core/model/model.h"
#include "core/objective/objective.h"

#include <optional>
#include <string>
#include <vector>

namespace tw {

/// The task that an objective trains a model at: that of the model's class, or one of the
/// objective's whose head the model can be given. Nothing where it can train no such model.
std::optional<ModelTask> taskOf(const Objective& objective, const ModelSource& source);

/// Whether the experiment puts the model's own head aside. What goes on from an adapter keeps the
/// head that this one brings.
bool beginsWithNewHead(const Experiment& experiment);
/// A model as the objective of the experiment needs it: as its class says, or with a head for these
/// labels, whose start values follow from the document's seed. No labels: the head gives a number.
/// Throws Error where the objective can train no such model.
ModelSource sourceFor(const Experiment& experiment,
                      const ModelSource& source,
                      const std::vector<std::string>& labels);
/// The same from the document's model and the adapters that it goes on from.
ModelSource sourceFor(const Experiment& experiment, const std::vector<std::string>& labels);

/// The model of the experiment as it is found, opened for the heads of its adapters.
ModelSource openModelOf(const Experiment& experiment);

} // namespace tw
