// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/contrast.h"

#include <memory>
#include <vector>

namespace tw {

/// Base and tuned model in memory: once where only an adapter sets them apart, twice otherwise.
class LoadedPair
{
public:
    /// Reads what is needed from disk. Throws Error.
    LoadedPair(const ModelRef& base, const ModelRef& tuned, JobControl& control);

    /// Good as long as this object lives.
    ContrastPair pair() const;

private:
    std::shared_ptr<Model> m_base;
    std::shared_ptr<Model> m_tuned; ///< the same object where the weights are the same
    std::vector<std::unique_ptr<Adapter>> m_baseAdapters; ///< after the models: they go first
    std::vector<std::unique_ptr<Adapter>> m_tunedAdapters;
};

} // namespace tw
