// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/trained_biases.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {

std::vector<BroughtWeight> allBiases(const Model& model, const std::vector<SiteInfo>& wrapped)
{
    std::vector<BroughtWeight> biases;
    for (const auto& [name, tensor] : model.weights()) {
        if (!name.ends_with(".bias"))
            continue;
        const std::string module = name.substr(0, name.rfind('.'));
        const bool isWrapped = std::ranges::any_of(
            wrapped, [&](const SiteInfo& info) { return info.module == module; });
        biases.push_back(
            {name, isWrapped ? module + ".base_layer.bias" : name, tensor.detach().clone(), true});
    }
    return biases;
}

std::vector<BroughtWeight> ownBiases(const Model& model, const std::vector<SiteInfo>& wrapped)
{
    std::vector<BroughtWeight> biases = allBiases(model, wrapped);
    std::erase_if(biases,
                  [](const BroughtWeight& brought) { return brought.storedAs == brought.weight; });
    return biases;
}

} // namespace tw
