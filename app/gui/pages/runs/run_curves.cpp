// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/runs/run_curves.h"

#include "app/gui/session.h"
#include "widgets/basic/button.h"
#include "widgets/basic/choice_box.h"
#include "widgets/basic/segmented_choice.h"

#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

const QString kLoss = QStringLiteral("loss");

/// What the chooser offers besides the loss: id of the metric.
struct Quantity
{
    const char* metric;
    const char* title;
    const char* axis;
    bool isNoisy;
};
constexpr Quantity kQuantities[] {
    {"heldOut.accuracy", QT_TRANSLATE_NOOP("tw::RunCurves", "Accuracy"),
     QT_TRANSLATE_NOOP("tw::RunCurves", "share of held-out tokens or labels that are right"),
     false},
    {"heldOut.f1", QT_TRANSLATE_NOOP("tw::RunCurves", "F1"),
     QT_TRANSLATE_NOOP("tw::RunCurves", "F1 on held-out rows, mean over classes"), false},
    {"heldOut.entityF1", QT_TRANSLATE_NOOP("tw::RunCurves", "F1 of entities"),
     QT_TRANSLATE_NOOP("tw::RunCurves", "F1 of entities on held-out rows"), false},
    {"heldOut.exactMatch", QT_TRANSLATE_NOOP("tw::RunCurves", "Right answers"),
     QT_TRANSLATE_NOOP("tw::RunCurves", "share of held-out answers that are right as a whole"),
     false},
    {"rewards.margin", QT_TRANSLATE_NOOP("tw::RunCurves", "Reward margin"),
     QT_TRANSLATE_NOOP("tw::RunCurves", "reward of the chosen answer over the rejected one"), true},
    {"general.loss", QT_TRANSLATE_NOOP("tw::RunCurves", "Forgetting"),
     QT_TRANSLATE_NOOP("tw::RunCurves", "loss on general text, nats a token"), false},
    {"learningRate", QT_TRANSLATE_NOOP("tw::RunCurves", "Learning rate"),
     QT_TRANSLATE_NOOP("tw::RunCurves", "learning rate"), false},
    {"gradientNorm", QT_TRANSLATE_NOOP("tw::RunCurves", "Gradient"),
     QT_TRANSLATE_NOOP("tw::RunCurves", "norm of the gradient"), true},
    {"tokensPerSecond", QT_TRANSLATE_NOOP("tw::RunCurves", "Speed"),
     QT_TRANSLATE_NOOP("tw::RunCurves", "tokens a second"), true},
};

} // namespace

RunCurves::RunCurves(QWidget* parent)
    : Panel(QString(), parent)
    , m_plot(new LinePlot(this))
    , m_quantity(new ChoiceBox(tr("Quantity"), this))
    , m_bottom(new SegmentedChoice({tr("Step"), tr("Token"), tr("Time")}, tr("Bottom axis"), this))
    , m_scale(new SegmentedChoice({tr("Linear"), tr("Log")}, tr("Scale"), this))
{
    m_quantity->addChoice(tr("Loss"), kLoss);
    for (const Quantity& quantity : kQuantities)
        m_quantity->addChoice(tr(quantity.title), QString::fromLatin1(quantity.metric));
    m_quantity->setSmall();
    QPushButton* exportButton =
        makeIconButton(QStringLiteral("export"), tr("Copy or save these curves"), this);
    auto* menu = new QMenu(exportButton);
    m_plot->addExportActions(menu);
    exportButton->setMenu(menu);
    addTool(m_quantity);
    addTool(m_bottom);
    addTool(m_scale);
    addTool(exportButton);
    setHeadLine(true);
    setBodyMargins(16, 8, 8, 4);
    m_plot->setBottomStart(0.0);
    body()->addWidget(m_plot);
    connect(m_quantity, &ChoiceBox::chosen, this, &RunCurves::rebuild);
    connect(m_bottom, &SegmentedChoice::chosen, this, &RunCurves::rebuild);
    connect(m_scale, &SegmentedChoice::chosen, this,
            [this](int scale) { m_plot->setLogarithmic(scale == 1); });
}

void RunCurves::setRuns(std::shared_ptr<Project> project, std::vector<ShownRun> runs)
{
    if (project != m_project)
        m_points.clear();
    m_project = std::move(project);
    m_runs = std::move(runs);
    rebuild();
}

const RunCurves::Points& RunCurves::points(const RunSummary& run, const std::string& metric)
{
    Points& known = m_points[{run.id, metric}];
    // After a resume, steps behind the checkpoint are measured anew: what is known of them no
    // longer holds.
    const bool isRepeated = !known.steps.empty()
        && (known.steps.back() > static_cast<double>(run.step) || known.state != run.state);
    if (isRepeated)
        known = {};
    known.state = run.state;
    const std::int64_t after =
        known.steps.empty() ? -1 : static_cast<std::int64_t>(known.steps.back());
    for (const MetricPoint& point : m_project->metric(run.id, metric, after)) {
        known.steps.push_back(static_cast<double>(point.step));
        known.values.push_back(point.value);
    }
    return known;
}

std::vector<double> RunCurves::abscissa(const RunSummary& run, const std::vector<double>& steps)
{
    if (m_bottom->current() == 0)
        return steps;
    const Points& measured = points(run, m_bottom->current() == 1 ? "tokens" : "seconds");
    std::vector<double> places;
    places.reserve(steps.size());
    for (const double step : steps) {
        const auto after = std::upper_bound(measured.steps.begin(), measured.steps.end(), step);
        places.push_back(
            after == measured.steps.begin()
                ? 0.0
                : measured.values[static_cast<std::size_t>(after - measured.steps.begin() - 1)]);
    }
    return places;
}

Curve RunCurves::curve(const ShownRun& shown,
                       const std::string& metric,
                       const QString& quantity,
                       Curve::Style style)
{
    const Points& measured = points(shown.run, metric);
    Curve result;
    result.name = tr("run %1").arg(shown.run.id);
    result.quantity = quantity;
    result.y = measured.values;
    result.x = abscissa(shown.run, measured.steps);
    result.line = shown.line;
    result.style = style;
    return result;
}

std::vector<Curve> RunCurves::lossCurves()
{
    std::vector<Curve> curves;
    for (const ShownRun& shown : m_runs) {
        curves.push_back(curve(shown, "loss", tr("loss"), Curve::Style::Noisy));
        curves.back().hasEndLabel = true;
        curves.push_back(curve(shown, "heldOut.loss", tr("held-out"), Curve::Style::Points));
    }
    return curves;
}

/// Where each stage of a recipe begins; of several runs they would lie over each other.
std::vector<std::pair<double, QString>> RunCurves::stageMarks()
{
    std::vector<std::pair<double, QString>> marks;
    if (m_runs.size() != 1)
        return marks;
    const RunSummary& run = m_runs.front().run;
    const Experiment experiment = m_project->experimentOf(run.id);
    std::vector<double> begins;
    double step = 0.0;
    for (const Experiment& stage : stagesOf(experiment)) {
        begins.push_back(step);
        step += static_cast<double>(stage.steps);
    }
    const std::vector<double> places = abscissa(run, begins);
    for (std::size_t i = 0; i < experiment.stages.size(); ++i)
        if (begins[i] <= static_cast<double>(run.step))
            marks.emplace_back(places[i], text(experiment.stages[i].name));
    return marks;
}

void RunCurves::rebuild()
{
    if (!m_project)
        return;
    const QString chosen = m_quantity->currentId();
    std::vector<Curve> curves;
    QString left = tr("loss, nats a token");
    if (chosen == kLoss)
        curves = lossCurves();
    for (const Quantity& quantity : kQuantities) {
        if (chosen != QString::fromLatin1(quantity.metric))
            continue;
        left = tr(quantity.axis);
        for (const ShownRun& shown : m_runs) {
            const bool isEvaluation = chosen == QStringLiteral("general.loss")
                || chosen.startsWith(QLatin1String("heldOut."));
            const Curve::Style style = isEvaluation ? Curve::Style::Points
                : quantity.isNoisy                  ? Curve::Style::Noisy
                                                    : Curve::Style::Line;
            curves.push_back(curve(shown, quantity.metric, tr(quantity.title), style));
            curves.back().hasEndLabel = true;
        }
    }
    std::erase_if(curves, [](const Curve& one) { return one.x.empty(); });
    const QStringList bottoms {tr("step"), tr("tokens"), tr("seconds of training")};
    m_plot->setAxisTitles(bottoms.value(m_bottom->current()), left);
    m_plot->setCurves(std::move(curves));
    m_plot->setMarks(stageMarks());
    showTitle();
}

void RunCurves::showTitle()
{
    QString title;
    if (m_runs.size() == 1)
        title = tr("Run %1").arg(m_runs.front().run.id);
    else
        title = tr("%n runs", nullptr, static_cast<int>(m_runs.size()));
    setTitle(title);
    setFact(m_plot->curves().empty() ? tr("nothing measured yet") : QString());
    m_plot->setTitle(tr("%1 of %2").arg(m_quantity->currentText(), title));
}

} // namespace tw
