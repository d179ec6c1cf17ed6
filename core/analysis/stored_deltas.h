// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"
#include "core/model/model.h"

#include <filesystem>
#include <memory>

namespace tw {

/// What an adapter on disk changes in a model's matrices, read without the model's weights.
class StoredDeltas
{
public:
    /// Throws Error where the folder holds no adapter that fits the model.
    StoredDeltas(const ModelSource& source, const std::filesystem::path& adapterFolder);
    ~StoredDeltas();

    /// The change at a site, or nullptr.
    std::shared_ptr<const LinearChange> at(Site site) const { return m_adapter->delta(site); }

private:
    std::unique_ptr<Model> m_frame; ///< sites without weights; has to outlive the adapter
    std::unique_ptr<Adapter> m_adapter;
};

} // namespace tw
