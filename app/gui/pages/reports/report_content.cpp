// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/reports/report_content.h"

#include "app/gui/pages/explore/novelty.h"
#include "app/gui/pages/inspect/findings.h"
#include "app/gui/session.h"
#include "app/gui/words.h"
#include "core/workbench/run_metrics.h"

#include <QCoreApplication>
#include <QDate>
#include <QLocale>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace tw {
namespace {

constexpr double kEpsilon = 0.5; // the paper's threshold for intruders
constexpr int kLossDigits = 2;
constexpr std::size_t kMostTexts = 8;
constexpr std::size_t kMostSamples = 4;

QString say(const char* words, const char* comment = nullptr, int n = -1)
{
    return QCoreApplication::translate("report", words, comment, n);
}

QString metric(const std::map<std::string, double>& metrics, const char* name)
{
    const auto found = metrics.find(name);
    return found == metrics.end() ? QString() : number(found->second, kLossDigits);
}

Figure lossFigure(const RunSummary& run, const char* name, const QString& caption)
{
    const QString before = metric(run.firstMetrics, name);
    const QString after = metric(run.metrics, name);
    const bool isKnown = !before.isEmpty() && before != after;
    return {caption, after,
            isKnown ? say(QT_TRANSLATE_NOOP("report", "nats a token, first %1")).arg(before)
                    : say(QT_TRANSLATE_NOOP("report", "nats a token"))};
}

ReportFigures figuresOfRun(const RunSummary& run)
{
    ReportFigures part;
    part.figures = {
        lossFigure(run, "loss", say(QT_TRANSLATE_NOOP("report", "Training loss"))),
        lossFigure(run, "heldOut.loss", say(QT_TRANSLATE_NOOP("report", "Held-out loss")))};
    const double forgetting = forgettingOf(run);
    if (!std::isnan(forgetting))
        part.figures.push_back({say(QT_TRANSLATE_NOOP("report", "Forgetting")),
                                signedNumber(forgetting, kLossDigits),
                                say(QT_TRANSLATE_NOOP("report", "nats, on general text"))});
    part.figures.push_back({say(QT_TRANSLATE_NOOP("report", "Steps")),
                            QLocale().toString(static_cast<qlonglong>(run.step)),
                            stateInWords(run.state)});
    if (run.seconds > 0.0)
        part.figures.push_back({say(QT_TRANSLATE_NOOP("report", "Training time")),
                                durationInWords(run.seconds),
                                say(QT_TRANSLATE_NOOP("report", "on this machine"))});
    std::erase_if(part.figures, [](const Figure& figure) { return figure.value.isEmpty(); });
    return part;
}

Curve curveOf(
    const Project& project, const RunSummary& run, const char* name, int line, Curve::Style style)
{
    Curve curve;
    curve.name = say(QT_TRANSLATE_NOOP("report", "run %1")).arg(run.id);
    curve.line = line;
    curve.style = style;
    for (const MetricPoint& point : project.metric(run.id, name)) {
        curve.x.push_back(static_cast<double>(point.step));
        curve.y.push_back(point.value);
    }
    return curve;
}

void addCurves(std::vector<ReportBlock>& blocks,
               const Project& project,
               const std::vector<RunSummary>& runs)
{
    ReportCurves loss {say(QT_TRANSLATE_NOOP("report", "step")),
                       say(QT_TRANSLATE_NOOP("report", "loss, nats a token")),
                       {},
                       false};
    ReportCurves general {say(QT_TRANSLATE_NOOP("report", "step")),
                          say(QT_TRANSLATE_NOOP("report", "loss on general text, nats a token")),
                          {},
                          false};
    for (std::size_t i = 0; i < std::min(runs.size(), std::size(kRunLines)); ++i) {
        loss.curves.push_back(curveOf(project, runs[i], "loss", kRunLines[i], Curve::Style::Noisy));
        loss.curves.back().quantity = say(QT_TRANSLATE_NOOP("report", "loss"));
        loss.curves.back().hasEndLabel = true;
        loss.curves.push_back(
            curveOf(project, runs[i], "heldOut.loss", kRunLines[i], Curve::Style::Points));
        loss.curves.back().quantity = say(QT_TRANSLATE_NOOP("report", "held-out"));
        general.curves.push_back(
            curveOf(project, runs[i], "general.loss", kRunLines[i], Curve::Style::Points));
        general.curves.back().quantity = say(QT_TRANSLATE_NOOP("report", "general text"));
        general.curves.back().hasEndLabel = true;
    }
    for (ReportCurves* part : {&loss, &general})
        std::erase_if(part->curves, [](const Curve& curve) { return curve.x.empty(); });
    if (loss.curves.empty())
        return;
    blocks.emplace_back(ReportHeading {
        say(QT_TRANSLATE_NOOP("report", "Curves")),
        say(QT_TRANSLATE_NOOP("report",
                              "line: smoothed loss; faint: each batch; circles: held-out"))});
    blocks.emplace_back(loss);
    if (!general.curves.empty())
        blocks.emplace_back(general);
}

void addRunTable(std::vector<ReportBlock>& blocks, const std::vector<RunSummary>& runs)
{
    if (runs.size() < 2)
        return;
    const std::vector<RunMetric> metrics = metricsOf(runs);
    ReportTable part;
    part.table.columns = QStringList {
        say(QT_TRANSLATE_NOOP("report", "Run")), say(QT_TRANSLATE_NOOP("report", "Method")),
        say(QT_TRANSLATE_NOOP("report", "State")), say(QT_TRANSLATE_NOOP("report", "Steps")),
        say(QT_TRANSLATE_NOOP("report", "Trained"))};
    for (const RunMetric& shown : metrics)
        part.table.columns << QCoreApplication::translate("metrics", shown.title);
    part.table.columns << say(QT_TRANSLATE_NOOP("report", "Time"));
    for (const RunSummary& run : runs) {
        const auto trained = metricOf(run, "trainedParameters");
        part.table.rows.push_back(
            {say(QT_TRANSLATE_NOOP("report", "%1, %2")).arg(run.id).arg(text(run.name)),
             text(run.methodTitle), stateInWords(run.state), QString::number(run.step),
             trained ? QLocale().toString(static_cast<qlonglong>(*trained)) : QString()});
        for (const RunMetric& shown : metrics)
            part.table.rows.back().push_back(metric(run.metrics, shown.id));
        part.table.rows.back().push_back(durationInWords(run.seconds));
    }
    blocks.emplace_back(
        ReportHeading {say(QT_TRANSLATE_NOOP("report", "Runs")),
                       say(QT_TRANSLATE_NOOP("report", "losses in nats, scores from 0 to 1"))});
    blocks.emplace_back(part);
}

void addXray(std::vector<ReportBlock>& blocks, const Project& project, const RunSummary& run)
{
    const std::optional<XrayResult> xray = project.xrayOf(run.id);
    if (!xray)
        return;
    QString lines;
    for (const Figure& figure : figuresOf(findingsOf(*xray, kEpsilon), xray->layers, &run))
        lines +=
            QStringLiteral("1. %1: **%2** %3.\n").arg(figure.caption, figure.value, figure.note);
    blocks.emplace_back(ReportHeading {
        say(QT_TRANSLATE_NOOP("report", "What happened in run %1")).arg(run.id), {}});
    blocks.emplace_back(ReportText {lines, false});
    blocks.emplace_back(ReportHeading {
        say(QT_TRANSLATE_NOOP("report", "Where the weights changed")),
        say(QT_TRANSLATE_NOOP(
            "report", "|ΔW| / |W| of each matrix, blocks across; numbers count intruders"))});
    blocks.emplace_back(ReportGrid {gridOf(*xray, XrayMeasure::RelativeChange, kEpsilon)});
}

void addTexts(std::vector<ReportBlock>& blocks, const Project& project, const RunSummary& run)
{
    const std::vector<ContrastSample> samples = project.contrastSamplesOf(run.id);
    if (samples.empty())
        return;
    ReportTexts texts;
    for (std::size_t i = 0; i < std::min(samples.size(), kMostTexts); ++i)
        texts.rows.push_back(shadedRow(samples[i]));
    blocks.emplace_back(ReportHeading {
        say(QT_TRANSLATE_NOOP("report", "What is new in run %1")).arg(run.id),
        say(QT_TRANSLATE_NOOP(
            "report", "orange: the run wants it more; blue: the base does; nats a token"))});
    blocks.emplace_back(std::move(texts));
}

/// A line of Markdown from what a model wrote: its signs mean themselves.
QString plainLine(const std::string& words)
{
    static const QString kSigns = QStringLiteral("\\`*_{}[]()#+-.!|<>~");
    QString line;
    for (const QChar c : text(words).simplified()) {
        if (kSigns.contains(c))
            line += QLatin1Char('\\');
        line += c;
    }
    return line;
}

void addSamples(std::vector<ReportBlock>& blocks, const Project& project, const RunSummary& run)
{
    const std::vector<RunSample> samples = project.samples(run.id);
    std::vector<std::string> prompts;
    QStringList lines;
    for (const RunSample& sample : samples) {
        const bool isKnown =
            std::find(prompts.begin(), prompts.end(), sample.prompt) != prompts.end();
        if (isKnown || prompts.size() >= kMostSamples)
            continue;
        prompts.push_back(sample.prompt);
        const RunSample* before = nullptr;
        const RunSample* after = nullptr;
        for (const RunSample& other : samples)
            if (other.prompt == sample.prompt)
                (other.step == 0 ? before : after) = &other;
        lines << QStringLiteral("**%1**").arg(plainLine(sample.prompt))
              << say(QT_TRANSLATE_NOOP("report", "*Wanted:* %1")).arg(plainLine(sample.target));
        if (before != nullptr)
            lines << say(QT_TRANSLATE_NOOP("report", "*Before:* %1")).arg(plainLine(before->text));
        if (after != nullptr)
            lines << say(QT_TRANSLATE_NOOP("report", "*At step %1:* %2"))
                         .arg(after->step)
                         .arg(plainLine(after->text));
    }
    if (lines.isEmpty())
        return;
    blocks.emplace_back(
        ReportHeading {say(QT_TRANSLATE_NOOP("report", "Samples of run %1")).arg(run.id),
                       say(QT_TRANSLATE_NOOP("report", "held-out prompts"))});
    blocks.emplace_back(ReportText {lines.join(QStringLiteral("\n\n")), false});
}

void addSettings(std::vector<ReportBlock>& blocks, const Project& project, const RunSummary& run)
{
    ReportTable part;
    part.table.columns = QStringList {say(QT_TRANSLATE_NOOP("report", "Setting")),
                                      say(QT_TRANSLATE_NOOP("report", "Value")),
                                      say(QT_TRANSLATE_NOOP("report", "Default"))};
    for (const FieldDifference& difference :
         differences(Experiment(), project.experimentOf(run.id)))
        part.table.rows.push_back(
            {fieldInWords(difference.field), text(difference.b),
             difference.a.empty() ? say(QT_TRANSLATE_NOOP("report", "none")) : text(difference.a)});
    blocks.emplace_back(
        ReportHeading {say(QT_TRANSLATE_NOOP("report", "Settings of run %1")).arg(run.id),
                       say(QT_TRANSLATE_NOOP("report", "those that differ from the defaults"))});
    blocks.emplace_back(part);
}

QString subtitleOf(const Project& project, const std::vector<RunSummary>& runs)
{
    if (runs.size() != 1)
        return say(QT_TRANSLATE_N_NOOP("report", "%n runs"), nullptr,
                   static_cast<int>(runs.size()));
    const RunSummary& run = runs.front();
    return say(QT_TRANSLATE_N_NOOP("report", "Run %1, %2: %3 on %4, %n steps, seed %5"), nullptr,
               static_cast<int>(run.step))
        .arg(QString::number(run.id), text(run.name), text(run.methodTitle), text(run.model),
             QString::number(project.experimentOf(run.id).seed));
}

} // namespace

QString usualTitle(const Project& project, const std::vector<std::int64_t>& runs)
{
    QStringList numbers;
    for (const std::int64_t run : runs)
        numbers << QString::number(run);
    if (numbers.isEmpty())
        return text(project.name());
    return numbers.size() == 1
        ? say(QT_TRANSLATE_NOOP("report", "%1, run %2")).arg(text(project.name()), numbers.front())
        : say(QT_TRANSLATE_NOOP("report", "%1, runs %2"))
              .arg(text(project.name()), numbers.join(QStringLiteral(", ")));
}

std::vector<ReportBlock> reportBlocks(const Project& project, const ReportWish& wish)
{
    std::vector<RunSummary> runs;
    for (const std::int64_t run : wish.runs)
        runs.push_back(project.run(run));
    std::vector<ReportBlock> blocks;
    const QString today = QLocale().toString(QDate::currentDate(), QLocale::LongFormat);
    blocks.emplace_back(
        ReportHead {say(QT_TRANSLATE_NOOP("report", "Tunewright report, %1")).arg(today),
                    wish.title, subtitleOf(project, runs)});
    if (runs.size() == 1)
        blocks.emplace_back(figuresOfRun(runs[0]));
    if (!wish.notes.trimmed().isEmpty())
        blocks.emplace_back(ReportText {wish.notes, true});
    addRunTable(blocks, runs);
    addCurves(blocks, project, runs);
    for (const RunSummary& run : runs) {
        addXray(blocks, project, run);
        addTexts(blocks, project, run);
        addSamples(blocks, project, run);
        addSettings(blocks, project, run);
    }
    return blocks;
}

} // namespace tw
