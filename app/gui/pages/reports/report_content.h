// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/project.h"
#include "widgets/report/report_block.h"

#include <cstdint>
#include <vector>

namespace tw {

/// What the person has chosen for a report.
struct ReportWish
{
    QString title;
    QString notes; ///< Markdown
    std::vector<std::int64_t> runs;

    bool operator==(const ReportWish&) const = default;
};

/// The printed report of some runs, made from what the project holds: the same results as in the
/// HTML file.
std::vector<ReportBlock> reportBlocks(const Project& project, const ReportWish& wish);
/// "Support answers, run 12": what a report is called unless the person says otherwise.
QString usualTitle(const Project& project, const std::vector<std::int64_t>& runs);

} // namespace tw
