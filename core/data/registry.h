// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/registry.h"
#include "core/data/reader.h"

namespace tw {

/// All readers of data sets, filled at first use.
const Registry<DataReader>& dataReaders();

} // namespace tw
