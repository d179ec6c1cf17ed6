// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/report_input.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/experiment/scores.h"
#include "core/workbench/project_state.h"
#include "core/workbench/report_settings.h"
#include "core/workbench/run_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnknown = "-";
constexpr double kLeastChange = 0.1; // per cent: below it nothing is said

std::string shortNumber(double value)
{
    std::array<char, 48> out {};
    std::snprintf(out.data(), out.size(), "%.4g", value);
    return out.data();
}

std::string valueIn(const std::map<std::string, double>& metrics, const char* name)
{
    const auto it = metrics.find(name);
    return it == metrics.end() ? kUnknown : shortNumber(it->second);
}

std::string titleOf(const RunSummary& run)
{
    return run.name + " (" + std::to_string(run.id) + ")";
}

std::string trainedIn(const RunSummary& run)
{
    const auto trained = metricOf(run, "trainedParameters");
    return trained ? groupedDigits(static_cast<std::int64_t>(*trained)) : kUnknown;
}

/// Collects what a report says from the project, run by run.
class ReportBuilder
{
public:
    ReportBuilder(Project& project, const ReportRequest& request)
        : m_project(project)
        , m_request(request)
    {
        for (const std::int64_t id : m_request.runs)
            m_runs.push_back(m_project.run(id));
    }

    ReportInput build()
    {
        m_input.title = m_request.title.empty() ? m_project.name() : m_request.title;
        m_input.project = m_project.name();
        m_input.date = isoNow().substr(0, 10);
        if (!m_request.notes.empty())
            m_input.notes.push_back({"Notes", m_request.notes});
        addRuns();
        addCharts();
        addAnalyses();
        if (m_runs.size() == 1)
            tellOne(m_runs.front());
        else if (!m_runs.empty())
            compare();
        if (!m_runs.empty())
            m_input.runCommand = "tunewright-cli run experiment.json --project "
                + m_project.folder().filename().string();
        return std::move(m_input);
    }

private:
    bool isComparison() const { return m_runs.size() > 1; }

    void addRuns()
    {
        if (m_runs.empty())
            return;
        const std::vector<RunMetric> metrics = metricsOf(m_runs);
        m_input.runColumns = {"State", "Model", "Method", "Trained", "Steps"};
        for (const RunMetric& metric : metrics) {
            if (hasOwnStart(metric))
                m_input.runColumns.push_back(metric.title + std::string(", before"));
            m_input.runColumns.push_back(metric.title + startOf(metric));
        }
        m_input.runColumns.push_back("Time");
        for (const RunSummary& run : m_runs) {
            addRow(run, metrics);
            addSamples(run);
            m_input.experiments.push_back(
                {isComparison() ? titleOf(run) : "", toJsonText(m_project.experimentOf(run.id))});
            addProvenance(run.id);
        }
    }

    /// True where the runs began from different values, so that each shows its own.
    bool hasOwnStart(const RunMetric& metric) const
    {
        return std::ranges::any_of(m_runs, [&](const RunSummary& run) {
            return valueIn(run.firstMetrics, metric.id)
                != valueIn(m_runs.front().firstMetrics, metric.id);
        });
    }

    /// What is said of the beginning in the head of the column: the common value, if there is one.
    std::string startOf(const RunMetric& metric) const
    {
        if (hasOwnStart(metric))
            return ", after";
        const std::string value = valueIn(m_runs.front().firstMetrics, metric.id);
        return value == kUnknown ? "" : " (before: " + value + ")";
    }

    void addRow(const RunSummary& run, const std::vector<RunMetric>& metrics)
    {
        std::vector<std::string> cells {
            runStateId(run.state), run.model, run.methodTitle, trainedIn(run),
            std::to_string(run.step) + " of " + std::to_string(run.steps)};
        for (const RunMetric& metric : metrics) {
            if (hasOwnStart(metric))
                cells.push_back(valueIn(run.firstMetrics, metric.id));
            cells.push_back(valueIn(run.metrics, metric.id));
        }
        cells.push_back(clockText(run.seconds));
        m_input.runs.push_back({titleOf(run), std::move(cells)});
    }

    void addSamples(const RunSummary& run)
    {
        const auto samples = m_project.samples(run.id);
        for (const RunSample& base : samples) {
            if (base.step != 0)
                continue;
            const auto tuned =
                std::find_if(samples.rbegin(), samples.rend(), [&](const RunSample& sample) {
                    return sample.step > 0 && sample.prompt == base.prompt;
                });
            if (tuned != samples.rend())
                m_input.samples.push_back({isComparison() ? titleOf(run) : "", base.prompt,
                                           base.target, base.text, tuned->text});
        }
    }

    void addCharts()
    {
        std::vector<RunMetric> metrics = metricsOf(m_runs);
        metrics.push_back({"learningRate", "Learning rate", "", false});
        for (const RunMetric& metric : metrics) {
            ReportChart chart;
            chart.id = metric.id;
            std::replace(chart.id.begin(), chart.id.end(), '.', '-');
            chart.title = metric.title;
            chart.xTitle = "step";
            chart.yTitle =
                metric.unit[0] == 0 ? metric.title : metric.title + std::string(", ") + metric.unit;
            for (const RunSummary& run : m_runs)
                addLine(chart, run, metric.id);
            if (!chart.lines.empty())
                m_input.charts.push_back(std::move(chart));
        }
    }

    void addLine(ReportChart& chart, const RunSummary& run, const char* metric) const
    {
        ResultSeries line;
        line.id = std::to_string(run.id);
        line.title = titleOf(run);
        for (const MetricPoint& point : m_project.metric(run.id, metric)) {
            line.x.push_back(static_cast<double>(point.step));
            line.y.push_back(point.value);
        }
        if (line.x.size() > 1)
            chart.lines.push_back(std::move(line));
    }

    void addAnalyses()
    {
        for (const Project::StoredAnalysis& stored : m_project.analyses()) {
            const bool isOfRun =
                std::ranges::find(m_request.runs, stored.run) != m_request.runs.end();
            const bool isChosen =
                std::ranges::find(m_request.analyses, stored.id) != m_request.analyses.end();
            if (m_request.analyses.empty() ? isOfRun : isChosen)
                addAnalysis(stored.result, stored.run);
        }
        for (const RunSummary& run : m_runs)
            if (const auto samples = m_project.contrastSamplesOf(run.id); !samples.empty())
                addAnalysis(toAnalysis(samples, ContrastOptions {}), run.id);
    }

    /// Where several runs are compared, each result says whose it is.
    void addAnalysis(AnalysisResult result, std::int64_t run)
    {
        const auto owner = std::ranges::find(m_runs, run, &RunSummary::id);
        if (isComparison() && owner != m_runs.end()) {
            result.title = titleOf(*owner) + ": " + result.title;
            // Where runs are ranked by their scores, these have been told.
            if (!result.summary.empty())
                result.summary = result.method == kScoresMethod
                    ? std::string()
                    : titleOf(*owner) + ": " + result.summary;
        }
        m_input.analyses.push_back(std::move(result));
    }

    void tellOne(const RunSummary& run)
    {
        m_input.subtitle = run.name + ": " + run.methodTitle + " on " + run.model;
        for (const RunMetric& metric : metricsOf(m_runs)) {
            if (!isMeasuredApart(metric))
                continue;
            addFigure(run, metric);
            addFinding(run, metric);
        }
        m_input.figures.push_back(
            {"Steps", groupedDigits(run.step), "in " + clockText(run.seconds)});
        m_input.settings = settingsOf(m_project.experimentOf(run.id));
    }

    static bool isMeasuredApart(const RunMetric& metric)
    {
        return std::string(metric.id).find('.') != std::string::npos; // of held-out or general rows
    }

    void addFigure(const RunSummary& run, const RunMetric& metric)
    {
        if (!run.metrics.contains(metric.id))
            return;
        std::string detail = metric.unit;
        if (const auto before = run.firstMetrics.find(metric.id); before != run.firstMetrics.end())
            detail += (detail.empty() ? "before " : ", before ") + shortNumber(before->second);
        m_input.figures.push_back({metric.title, shortNumber(run.metrics.at(metric.id)), detail});
    }

    void addFinding(const RunSummary& run, const RunMetric& metric)
    {
        if (!run.metrics.contains(metric.id) || !run.firstMetrics.contains(metric.id))
            return;
        const double before = run.firstMetrics.at(metric.id);
        const double after = run.metrics.at(metric.id);
        const std::string title = metric.title;
        if (metric.isHigherBetter) {
            if (after != before)
                m_input.findings.push_back(
                    {shortNumber(after),
                     title + " after the training, " + shortNumber(before) + " before it."});
            return;
        }
        const double change = before > 0 ? 100.0 * (after / before - 1.0) : 0.0;
        if (std::isfinite(change) && std::abs(change) >= kLeastChange)
            m_input.findings.push_back(
                {shortNumber(std::round(std::abs(change) * 10) / 10) + " %",
                 (change < 0 ? "lower: " : "higher: ") + title + " than before the training."});
    }

    /// Best first, by what all runs have measured.
    void compare()
    {
        m_input.subtitle = std::to_string(m_runs.size()) + " runs compared";
        m_input.figures.push_back({"Runs", std::to_string(m_runs.size()), "compared"});
        std::vector<Experiment> experiments;
        std::vector<std::string> names;
        for (const RunSummary& run : m_runs) {
            experiments.push_back(m_project.experimentOf(run.id));
            names.push_back(titleOf(run));
        }
        m_input.settings = settingsOf(experiments, names);
        const std::optional<RunMetric> metric = decisiveMetric(m_runs);
        if (!metric)
            return;
        std::vector<RunSummary> order = m_runs;
        std::ranges::stable_sort(order, [&](const RunSummary& a, const RunSummary& b) {
            const double left = a.metrics.at(metric->id);
            const double right = b.metrics.at(metric->id);
            return metric->isHigherBetter ? left > right : left < right;
        });
        m_input.figures.push_back({"Best: " + std::string(metric->title),
                                   shortNumber(order.front().metrics.at(metric->id)),
                                   order.front().methodTitle + ", " + titleOf(order.front())});
        for (const RunSummary& run : order)
            m_input.findings.push_back(
                {shortNumber(run.metrics.at(metric->id)), placeOf(run, *metric)});
    }

    static std::string placeOf(const RunSummary& run, const RunMetric& metric)
    {
        std::string words =
            std::string(metric.title) + " of " + titleOf(run) + ", " + run.methodTitle;
        if (const auto trained = metricOf(run, "trainedParameters"))
            words += ", with " + groupedDigits(static_cast<std::int64_t>(*trained))
                + " trained parameters";
        if (const auto before = run.firstMetrics.find(metric.id); before != run.firstMetrics.end())
            words += "; before the training " + shortNumber(before->second);
        return words + ".";
    }

    /// Each file once, however many runs rest on it.
    void addProvenance(std::int64_t run)
    {
        const Json json =
            parseJson(m_project.provenance(run), "provenance of run " + std::to_string(run));
        if (!json.contains("model"))
            return; // the run never began
        for (const auto& [what, version] : json.at("versions").items())
            addVersion(what, version.get<std::string>());
        addVersion("seed", json.at("seed").dump());
        addVersion("threads", json.at("threads").dump());
        addSource("Base model", json.at("model"));
        for (const Json& source : json.at("data"))
            addSource("Data", source);
    }

    void addVersion(const std::string& what, const std::string& version)
    {
        std::pair<std::string, std::string> entry(what, version);
        if (std::ranges::find(m_input.versions, entry) == m_input.versions.end())
            m_input.versions.push_back(std::move(entry));
    }

    void addSource(const std::string& role, const Json& source)
    {
        const std::string path = source.at("path").get<std::string>();
        const Json& hashes = source.at("sha256");
        ReportSource out {role, fs::path(path).filename().string(), path, {}, {}};
        if (hashes.size() == 1)
            out.fingerprint = hashes.front().get<std::string>();
        else
            for (const auto& [file, hash] : hashes.items())
                out.facts.emplace_back(file, hash.get<std::string>());
        if (std::ranges::find(m_input.sources, out) == m_input.sources.end())
            m_input.sources.push_back(std::move(out));
    }

    Project& m_project;
    const ReportRequest& m_request;
    ReportInput m_input;
    std::vector<RunSummary> m_runs;
};

} // namespace

ReportInput reportInput(Project& project, const ReportRequest& request)
{
    return ReportBuilder(project, request).build();
}

} // namespace tw
