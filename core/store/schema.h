// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/database.h"

#include <string>
#include <vector>

namespace tw {

/// The newest layout of the project file that this program knows; the file's own stands in PRAGMA
/// user_version.
int newestSchema();
/// Brings the file from its layout to the newest one, one step after the other in one transaction.
/// Throws Error for a file of a newer program.
void migrate(Database& database);
/// The tables, in the order in which they refer to each other.
const std::vector<std::string>& tableNames();

} // namespace tw
