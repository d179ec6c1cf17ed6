// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/report.h"
#include "core/workbench/workspace.h"

namespace tw {

class Project;

/// What a report says of a project's runs: of one, its story; of several, which of them did best
/// and in what they differ. Throws Error for a run that does not exist.
ReportInput reportInput(Project& project, const ReportRequest& request);

} // namespace tw
