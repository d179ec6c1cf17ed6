// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/model/gguf_form.h"

namespace tw {
namespace {

GgufSettings settings(const ModelConfig& config)
{
    refuseWindow(config);
    requireActivation(config, {"silu"});
    return decoderGgufSettings(config.qkNorm == QkNorm::PerHead ? "qwen3" : "qwen2", config);
}

} // namespace

void registerQwen(Registry<GgufForm>& registry)
{
    registry.add({"qwen", QT_TRANSLATE_NOOP("family", "Qwen2, Qwen2.5 and Qwen3"), settings});
}

} // namespace tw
