// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf_form.h"

#include "core/model/gguf/registry.h"

namespace tw {

const Registry<GgufForm>& ggufForms()
{
    static const Registry<GgufForm> kForms = [] {
        Registry<GgufForm> registry("GGUF form");
        registerAllModelGguf(registry);
        return registry;
    }();
    return kForms;
}

} // namespace tw
