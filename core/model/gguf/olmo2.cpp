// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/model/gguf_form.h"

namespace tw {
namespace {

GgufSettings settings(const ModelConfig& config)
{
    requireActivation(config, {"silu"});
    return decoderGgufSettings("olmo2", config);
}

} // namespace

void registerOlmo2(Registry<GgufForm>& registry)
{
    registry.add({"olmo2", QT_TRANSLATE_NOOP("family", "OLMo 2"), settings});
}

} // namespace tw
