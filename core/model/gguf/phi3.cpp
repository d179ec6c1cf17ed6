// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/model/gguf_form.h"

namespace tw {
namespace {

GgufSettings settings(const ModelConfig& config)
{
    requireActivation(config, {"silu"});
    return decoderGgufSettings("phi3", config);
}

} // namespace

void registerPhi3(Registry<GgufForm>& registry)
{
    registry.add({"phi3", QT_TRANSLATE_NOOP("family", "Phi-3 and Phi-4"), settings});
}

} // namespace tw
