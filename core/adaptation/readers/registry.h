// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adapter_reader.h"

namespace tw {

void registerAllAdaptationReaders(Registry<AdapterReader>& registry); ///< made by tw_plugins()

} // namespace tw
