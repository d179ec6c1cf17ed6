// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/dataset.h"

namespace tw {

/// What a person should know of roles before trusting them: columns that answers may depend on and
/// that are left out, pictures and sounds that training does not look at. Warnings, each at its
/// column.
Problems remarksOn(const Dataset& dataset, const ColumnRoles& roles);

} // namespace tw
