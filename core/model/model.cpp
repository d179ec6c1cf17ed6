// SPDX-License-Identifier: Apache-2.0
#include "core/model/model.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

namespace tw {

LmHead::LmHead(at::Tensor weightMatrix, at::Tensor biasVector)
    : Linear(std::move(weightMatrix), std::move(biasVector))
{
}

at::Tensor LmHead::logits(const at::Tensor& hidden) const
{
    at::Tensor z = forward(hidden);
    if (scale != 1.0)
        z = z * scale;
    return cap > 0.0 ? at::tanh(z / cap) * cap : z;
}

void Model::refuseText() const
{
    throw Error("A model of the kind " + config().architecture + " does not continue text.",
                "Choose a model for causal language modelling, one whose class ends with "
                "ForCausalLM.");
}

Embedding& Model::embedding()
{
    throw Error("This model reads no tokens through a table, so none can be changed.",
                "Use the adapter on the model that it was trained on.");
}

void Model::setVirtualTokens(std::shared_ptr<const VirtualTokens> tokens)
{
    if (tokens != nullptr)
        throw Error("This model has no place for virtual tokens.",
                    "Prompt, prefix and p-tuning belong to models that write text.");
}

Tensors Model::outputs(const Tensors&) const
{
    throw Error("This model was opened for its weights only and cannot compute.",
                "Load the whole model.");
}

at::Tensor Model::hidden(const PackedInput&) const
{
    refuseText();
}

LmHead Model::head() const
{
    refuseText();
}

std::unique_ptr<KvCache> Model::newCache(std::int64_t) const
{
    refuseText();
}

at::Tensor Model::hiddenCached(const std::vector<std::int64_t>&, KvCache&) const
{
    refuseText();
}

} // namespace tw
