// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

#include <string>
#include <vector>

namespace tw {

/// Whether the head of such a task tells labels apart, so that it can be made anew for others.
bool hasLabels(ModelTask task);

/// The same model with the head of another task, which tells these labels apart; of ModelTask::Ctc
/// they are the letters. What the file has of such a head stays. The rest is drawn as Transformers
/// draws it: matrices from a normal distribution with deviation initializer_range, biases 0; it
/// follows from the seed; isNew: also what the file has of the head. Throws Error where the family
/// has no such head.
ModelSource withTask(const ModelSource& source,
                     ModelTask task,
                     const std::vector<std::string>& labels,
                     std::uint64_t seed,
                     bool isNew = false);

} // namespace tw
