// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/home/recent_curves.h"

#include "widgets/plot/line_plot.h"
#include "widgets/theme/type.h"

#include <QVBoxLayout>

#include <utility>

namespace tw {
namespace {

constexpr int kLines[] = {1, 3}; // the newest run, the one before it

} // namespace

RecentCurves::RecentCurves(QWidget* parent)
    : QWidget(parent)
    , m_plot(new LinePlot(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(16), px(12), px(16), px(8));
    m_plot->setAxisTitles(tr("step"), tr("loss, nats a token"));
    m_plot->setBottomStart(0.0);
    m_plot->setAccessibleName(tr("Loss of the newest runs"));
    column->addWidget(m_plot);
    hide();
}

void RecentCurves::setRuns(const std::shared_ptr<Project>& project,
                           const std::vector<RunSummary>& runs)
{
    if (project != m_project)
        m_points.clear();
    m_project = project;
    std::vector<Curve> curves;
    for (auto run = runs.rbegin(); run != runs.rend() && curves.size() < std::size(kLines); ++run) {
        const Points& read = points(*run);
        if (read.steps.empty())
            continue;
        Curve curve;
        curve.name = tr("run %1").arg(run->id);
        curve.quantity = tr("loss");
        curve.x = read.steps;
        curve.y = read.losses;
        curve.line = kLines[curves.size()];
        curve.style = Curve::Style::Noisy;
        curve.hasEndLabel = true;
        curves.push_back(std::move(curve));
    }
    setVisible(!curves.empty());
    if (curves != m_plot->curves())
        m_plot->setCurves(std::move(curves));
}

const RecentCurves::Points& RecentCurves::points(const RunSummary& run)
{
    Points& known = m_points[run.id];
    // A resumed run measures the steps behind its checkpoint anew.
    if (known.state != run.state)
        known = {};
    known.state = run.state;
    const std::int64_t after =
        known.steps.empty() ? -1 : static_cast<std::int64_t>(known.steps.back());
    if (after >= run.step)
        return known;
    for (const MetricPoint& point : m_project->metric(run.id, "loss", after)) {
        known.steps.push_back(static_cast<double>(point.step));
        known.losses.push_back(point.value);
    }
    return known;
}

} // namespace tw
