// SPDX-License-Identifier: Apache-2.0
#include "core/model/model.h"

#include "core/base/error.h"
#include "core/model/kv_cache.h"
#include "core/model/most_tokens.h"
#include "core/model/packed_matrix.h"

#include <ATen/ATen.h>

#include <algorithm>

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

LmHead LmHead::withoutChanges() const
{
    if (deltas.empty())
        return *this;
    const LinearWeights all = merged();
    LmHead bare(all.weight, all.bias);
    bare.scale = scale;
    bare.cap = cap;
    return bare;
}

void Model::packWeights(std::optional<PackedKind> kind)
{
    // All are made before any counts: memory may run out on the way.
    std::vector<std::pair<Linear*, std::shared_ptr<const PackedMatrix>>> all;
    for (const SiteInfo& info : sites())
        if (info.isLinear || info.site.kind == SiteKind::Head) {
            Linear& layer = linear(info.site);
            all.emplace_back(
                &layer, kind ? std::make_shared<const PackedMatrix>(layer.weight, *kind) : nullptr);
        }
    for (auto& [layer, packed] : all)
        layer->packed = std::move(packed);
}

void Model::refuseText() const
{
    throw Error("A model of the kind " + config().architecture + " does not continue text.",
                "Choose a model for causal language modelling, one whose class ends with "
                "ForCausalLM, or an encoder-decoder whose class ends with "
                "ForConditionalGeneration.");
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

HiddenChanges& Model::hiddenChanges(const SiteInfo& place)
{
    throw Error("This model has no place for a change of what its parts give at "
                    + std::string(siteId(place.site.kind)) + ".",
                "Use a method that changes weights, such as LoRA.");
}

const HiddenChanges& Model::hiddenChanges(const SiteInfo& place) const
{
    return const_cast<Model*>(this)->hiddenChanges(place);
}

Tensors Model::outputs(const Tensors& inputs) const
{
    const at::NoGradGuard noGradients;
    return forward(inputs);
}

Tensors Model::forward(const Tensors&) const
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

at::Tensor Model::hiddenBehind(const std::vector<NewTokens>&) const
{
    refuseText();
}

at::Tensor Model::hiddenCached(const std::vector<std::int64_t>& ids, KvCache& cache) const
{
    return hiddenBehind({{ids, &cache}});
}

Continuation Model::continuing(const std::vector<std::int64_t>& prompt,
                               std::int64_t maxTokens) const
{
    const std::int64_t context = mostTokens(config());
    const auto length = static_cast<std::int64_t>(prompt.size());
    if (length >= context)
        throw Error("The prompt has " + std::to_string(length) + " tokens, the model reads at most "
                        + std::to_string(context) + ".",
                    "Shorten the prompt.");
    const std::int64_t room = std::min(maxTokens, context - length);
    return {newCache(length + std::min(room, kFirstRoom)), prompt, room};
}

} // namespace tw
