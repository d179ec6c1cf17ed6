// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/gguf_form.h"

namespace tw {

void registerAllModelGguf(Registry<GgufForm>& registry); ///< made by tw_plugins()

} // namespace tw
