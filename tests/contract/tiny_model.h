// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {

/// A Llama of two layers and 32 wide with random weights, made by Transformers: large enough to go
/// wrong everywhere.
inline std::shared_ptr<Model> tinyModel()
{
    JobControl control;
    return loadModel(openModelSource(TW_SOURCE "/tests/fixtures/train/tiny_llama"), control);
}

/// One row of tokens as a model reads it.
inline PackedInput oneRow(const at::Tensor& ids)
{
    return {ids, at::arange(ids.size(0), at::kLong), {0, ids.size(0)}};
}

/// All linear sites of a model.
inline SiteSelection everyLinearSite(const Model& model)
{
    SiteSelection selection;
    for (const auto& info : model.sites())
        if (info.isLinear && info.site.kind != SiteKind::Head)
            selection[info.site.kind].push_back(info.site.layer);
    return selection;
}

} // namespace tw
