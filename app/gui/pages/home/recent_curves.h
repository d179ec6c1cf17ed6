// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/project.h"

#include <QWidget>

#include <map>
#include <memory>
#include <vector>

namespace tw {

class LinePlot;

/// The loss of the newest runs in one small plot; hidden where nothing was measured yet.
class RecentCurves final : public QWidget
{
    Q_OBJECT

public:
    explicit RecentCurves(QWidget* parent = nullptr);
    void setRuns(const std::shared_ptr<Project>& project, const std::vector<RunSummary>& runs);

private:
    struct Points
    {
        RunState state = RunState::Queued;
        std::vector<double> steps;
        std::vector<double> losses;
    };
    const Points& points(const RunSummary& run);

    std::shared_ptr<Project> m_project;
    std::map<std::int64_t, Points> m_points; ///< what was read already; the rest follows
    LinePlot* m_plot = nullptr;
};

} // namespace tw
