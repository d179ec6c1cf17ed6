// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/project.h"
#include "widgets/basic/panel.h"
#include "widgets/plot/line_plot.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tw {

class ChoiceBox;
class SegmentedChoice;

/// Curves of one or several runs; follows runs that are under way by reading only what is new.
class RunCurves final : public Panel
{
    Q_OBJECT

public:
    explicit RunCurves(QWidget* parent = nullptr);

    struct ShownRun
    {
        RunSummary run;
        int line = 1;
    };
    /// Call again whenever the project has grown.
    void setRuns(std::shared_ptr<Project> project, std::vector<ShownRun> runs);
    LinePlot& plot() { return *m_plot; }

private:
    struct Points
    {
        std::vector<double> steps;
        std::vector<double> values;
        RunState state = RunState::Queued; ///< when last read
    };
    const Points& points(const RunSummary& run, const std::string& metric);
    Curve curve(const ShownRun& shown,
                const std::string& metric,
                const QString& quantity,
                Curve::Style style);
    std::vector<double> abscissa(const RunSummary& run, const std::vector<double>& steps);
    std::vector<std::pair<double, QString>> stageMarks();
    void rebuild();
    std::vector<Curve> lossCurves();
    void showTitle();

    std::shared_ptr<Project> m_project;
    std::vector<ShownRun> m_runs;
    std::map<std::pair<std::int64_t, std::string>, Points> m_points;
    LinePlot* m_plot;
    ChoiceBox* m_quantity;
    SegmentedChoice* m_bottom;
    SegmentedChoice* m_scale;
};

} // namespace tw
