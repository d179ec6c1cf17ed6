// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/registry.h"
#include "core/report/report.h"

#include <functional>
#include <string>

namespace tw {

/// A part of the report as a plug-in.
struct ReportSection
{
    std::string id;
    std::string title;
    std::string summary; ///< one sentence for the list of sections
    /// The section's body as HTML without its heading; empty where the input has nothing for it.
    std::function<std::string(const ReportInput&)> html;
};

/// All sections in their usual order, filled at first use.
const Registry<ReportSection>& reportSections();

} // namespace tw
