// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/contrast.h"

#include <memory>

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
    std::unique_ptr<Adapter> m_baseAdapter; ///< after the models: detaches before they go
    std::unique_ptr<Adapter> m_tunedAdapter;
};

} // namespace tw
