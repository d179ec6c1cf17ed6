// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/registry.h"
#include "core/model/config.h"
#include "core/model/gguf_settings.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

namespace tw {

/// How models of a family are written to GGUF files; the way back from what ModelFamily reads.
struct GgufForm
{
    std::string id; ///< of the family
    std::string title;
    /// What the file says besides the weights. Throws Error for what the format cannot express.
    std::function<GgufSettings(const ModelConfig&)> settings;
    /// A weight in llama.cpp's layout; empty where that is Hugging Face's.
    std::function<at::Tensor(
        const std::string& huggingFaceName, const at::Tensor&, const ModelConfig&)>
        toGguf = {};
};

/// All forms by the id of their family, filled at first use.
const Registry<GgufForm>& ggufForms();

} // namespace tw
