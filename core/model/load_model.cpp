// SPDX-License-Identifier: Apache-2.0
#include "core/model/transformer.h"

namespace tw {

std::shared_ptr<Model> loadModel(const ModelSource& source, JobControl& control)
{
    const std::vector<WeightInfo> infos = source.weightInfos();
    std::map<std::string, at::Tensor> weights;
    for (const WeightInfo& info : infos) {
        control.throwIfCancelled();
        control.report("loading", static_cast<std::int64_t>(weights.size()),
                       static_cast<std::int64_t>(infos.size()));
        weights[info.name] = source.weight(info.name);
    }
    control.report("loading", static_cast<std::int64_t>(infos.size()),
                   static_cast<std::int64_t>(infos.size()));
    return std::make_shared<Transformer>(source, weights);
}

} // namespace tw
