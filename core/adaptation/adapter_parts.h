// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tw {

/// A change and the linear layer where it sits.
struct PlacedChange
{
    SiteInfo info;
    std::shared_ptr<const LinearChange> change;
};

/// A change of the embedding and the module path that its tensors are stored under.
struct PlacedTableChange
{
    std::string module;
    std::shared_ptr<const TableChange> change;
};

/// A change of hidden states and where it sits.
struct PlacedHiddenChange
{
    SiteInfo info;
    std::shared_ptr<const HiddenChange> change;
};

/// A weight that stands in the place of one of the model's.
struct BroughtWeight
{
    std::string weight; ///< of the model, Hugging Face's name
    std::string storedAs; ///< in the adapter's file, without the prefix "base_model.model."
    at::Tensor value;
    bool isTrained = true;
    /// Whether all that shares the model's tensor follows, as a head tied to the embedding does.
    bool isEverywhere = false;
};

/// All that an adapter can lay over a model.
struct AdapterParts
{
    std::vector<PlacedChange> changes;
    std::vector<PlacedTableChange> tableChanges;
    std::vector<PlacedHiddenChange> hiddenChanges;
    std::vector<BroughtWeight> weights;
    std::shared_ptr<const VirtualTokens> virtualTokens;
    NamedTensors frozen; ///< stored with the adapter and never trained, by whole names
    /// How the parameter of this name is treated; empty: all as the run says.
    std::function<Treatment(const std::string& name)> treatment;

    // What Adapter's functions of these names do; empty: nothing. They may hold the changes above.
    std::function<at::Tensor()> penalty;
    std::function<void(const TrainingMoment&)> beforeUpdate;
    std::function<void(const TrainingMoment&)> afterUpdate;
    std::function<NamedTensors()> written; ///< by module and name, as parameters()
    NamedTensors state;
};

/// Attaches the parts at once; the adapter that owns them detaches them. The model has to outlive
/// it. Throws Error where a part does not fit, and then nothing is attached.
std::unique_ptr<Adapter>
attachParts(Model& model,
            AdapterParts parts,
            std::function<std::string(const std::string& baseModelName)> peftConfig);

} // namespace tw
