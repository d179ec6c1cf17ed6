// SPDX-License-Identifier: Apache-2.0
#include "core/report/report.h"

#include "core/base/atomic_file.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/workbench/project_state.h"
#include "core/workbench/workspace_state.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace tw {
namespace {

namespace fs = std::filesystem;

std::string shortNumber(double value)
{
    std::array<char, 48> out {};
    std::snprintf(out.data(), out.size(), "%.4g", value);
    return out.data();
}

std::string valueIn(const std::map<std::string, double>& metrics, const char* name)
{
    const auto it = metrics.find(name);
    return it == metrics.end() ? "-" : shortNumber(it->second);
}

/// Collects what a report says from the project, run by run.
class ReportBuilder
{
public:
    ReportBuilder(Project& project, const ReportRequest& request)
        : m_project(project)
        , m_request(request)
    {
    }

    ReportInput build()
    {
        m_input.title = m_request.title.empty() ? m_project.name() : m_request.title;
        m_input.project = m_project.name();
        m_input.date = isoNow().substr(0, 10);
        if (!m_request.notes.empty())
            m_input.notes.push_back({"Notes", m_request.notes});
        m_input.runColumns = {"State",
                              "Model",
                              "Method",
                              "Steps",
                              "Loss",
                              "Held out, before",
                              "Held out, after",
                              "General, before",
                              "General, after",
                              "Time"};
        for (const std::int64_t id : m_request.runs)
            m_runs.push_back(m_project.run(id));
        for (const RunSummary& run : m_runs)
            addRun(run);
        addCharts();
        addAnalyses();
        if (!m_runs.empty())
            addMain(m_runs.back());
        return std::move(m_input);
    }

private:
    void addRun(const RunSummary& run)
    {
        m_input.runs.push_back(
            {run.name + " (" + std::to_string(run.id) + ")",
             {runStateId(run.state), run.model, run.method,
              std::to_string(run.step) + " of " + std::to_string(run.steps),
              valueIn(run.metrics, "loss"), valueIn(run.firstMetrics, "heldOut.loss"),
              valueIn(run.metrics, "heldOut.loss"), valueIn(run.firstMetrics, "general.loss"),
              valueIn(run.metrics, "general.loss"), clockText(run.seconds)}});
        addSamples(run);
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
                m_input.samples.push_back({base.prompt, base.target, base.text, tuned->text});
        }
    }

    void addCharts()
    {
        static constexpr std::array<std::array<const char*, 3>, 4> kCharts {
            {{"loss", "Training loss", "loss, nats a token"},
             {"heldOut.loss", "Loss on held-out rows", "loss, nats a token"},
             {"general.loss", "Forgetting: loss on general text", "loss, nats a token"},
             {"learningRate", "Learning rate", "learning rate"}}};
        for (const auto& [metric, title, yTitle] : kCharts) {
            ReportChart chart;
            chart.id = metric;
            std::replace(chart.id.begin(), chart.id.end(), '.', '-');
            chart.title = title;
            chart.xTitle = "step";
            chart.yTitle = yTitle;
            for (const RunSummary& run : m_runs)
                addLine(chart, run, metric);
            if (!chart.lines.empty())
                m_input.charts.push_back(std::move(chart));
        }
    }

    void addLine(ReportChart& chart, const RunSummary& run, const char* metric) const
    {
        ResultSeries line;
        line.id = std::to_string(run.id);
        line.title = run.name + " (" + std::to_string(run.id) + ")";
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
            const bool isOfRun = std::find(m_request.runs.begin(), m_request.runs.end(), stored.run)
                != m_request.runs.end();
            const bool isChosen =
                std::find(m_request.analyses.begin(), m_request.analyses.end(), stored.id)
                != m_request.analyses.end();
            if (m_request.analyses.empty() ? isOfRun : isChosen)
                m_input.analyses.push_back(stored.result);
        }
        for (const RunSummary& run : m_runs) {
            const auto samples = m_project.contrastSamplesOf(run.id);
            if (!samples.empty())
                m_input.analyses.push_back(toAnalysis(samples, ContrastOptions {}));
        }
    }

    /// What stands at the top, and how to run it again, is told of the newest of the runs.
    void addMain(const RunSummary& run)
    {
        addFigure(run, "heldOut.loss", "Held-out loss");
        addFigure(run, "general.loss", "Loss on general text");
        m_input.figures.push_back(
            {"Steps", groupedDigits(run.step), "in " + clockText(run.seconds)});
        addFinding(run, "heldOut.loss", "lower loss on held-out rows than before the training.",
                   "higher loss on held-out rows than before the training.");
        addFinding(run, "general.loss", "lower loss on general text.",
                   "higher loss on general text: what was forgotten.");
        m_input.subtitle = run.name + ": " + run.method + " on " + run.model;
        const Experiment experiment = m_project.experimentOf(run.id);
        m_input.experiment = toJsonText(experiment);
        m_input.runCommand = "tunewright-cli run experiment.json --project "
            + m_project.folder().filename().string();
        for (const FieldDifference& field : differences(Experiment {}, experiment))
            m_input.settings.push_back(
                {"Differs from the defaults", field.field, field.b, field.a});
        addProvenance(run.id);
    }

    void addFigure(const RunSummary& run, const char* name, const char* caption)
    {
        if (run.metrics.count(name) == 0)
            return;
        m_input.figures.push_back({caption, shortNumber(run.metrics.at(name)),
                                   "nats a token"
                                       + (run.firstMetrics.count(name) == 0 ? std::string()
                                                                            : ", before "
                                                  + shortNumber(run.firstMetrics.at(name)))});
    }

    void addFinding(const RunSummary& run, const char* name, const char* lower, const char* higher)
    {
        if (run.metrics.count(name) == 0 || run.firstMetrics.count(name) == 0)
            return;
        const double before = run.firstMetrics.at(name);
        const double change = before > 0 ? 100.0 * (run.metrics.at(name) / before - 1.0) : 0.0;
        if (std::isfinite(change) && std::abs(change) >= 0.1)
            m_input.findings.push_back({shortNumber(std::round(std::abs(change) * 10) / 10) + " %",
                                        change < 0 ? lower : higher});
    }

    void addProvenance(std::int64_t run)
    {
        const Json json =
            parseJson(m_project.provenance(run), "provenance of run " + std::to_string(run));
        if (!json.contains("model"))
            return; // the run never began
        for (const auto& [what, version] : json.at("versions").items())
            m_input.versions.emplace_back(what, version.get<std::string>());
        m_input.versions.emplace_back("seed", json.at("seed").dump());
        m_input.versions.emplace_back("threads", json.at("threads").dump());
        const auto add = [&](const std::string& role, const Json& source) {
            const std::string path = source.at("path").get<std::string>();
            const Json& hashes = source.at("sha256");
            ReportSource out {role, fs::path(path).filename().string(), path, {}, {}};
            if (hashes.size() == 1)
                out.fingerprint = hashes.front().get<std::string>();
            else
                for (const auto& [file, hash] : hashes.items())
                    out.facts.emplace_back(file, hash.get<std::string>());
            m_input.sources.push_back(std::move(out));
        };
        add("Base model", json.at("model"));
        for (const Json& source : json.at("data"))
            add("Data", source);
    }

    Project& m_project;
    const ReportRequest& m_request;
    ReportInput m_input;
    std::vector<RunSummary> m_runs;
};

std::string save(Project& project, const ReportRequest& request, const std::string& file)
{
    const std::string html = reportHtml(ReportBuilder(project, request).build());
    fs::path path = file;
    if (path.empty())
        for (int i = 1; path.empty() || fs::exists(path); ++i)
            path = project.folder() / "reports" / ("report-" + std::to_string(i) + ".html");
    writeFile(path, html);
    if (!project.isReadOnly()) {
        const fs::path relative = fs::absolute(path).lexically_relative(project.folder());
        const bool isInside = !relative.empty() && *relative.begin() != "..";
        project.state().file->writable().write(
            "INSERT OR REPLACE INTO report (title, file, created) VALUES (?1, ?2, ?3)",
            request.title.empty() ? project.name() : request.title,
            (isInside ? relative : fs::absolute(path)).string(), isoNow());
    }
    return path.string();
}

} // namespace

Job<std::string> Workspace::reportHtml(std::shared_ptr<Project> project,
                                       const ReportRequest& request)
{
    return m_state->start(Lane::Kind::Light, [project = std::move(project), request](JobControl&) {
        return tw::reportHtml(ReportBuilder(*project, request).build());
    });
}

Job<std::string> Workspace::saveReport(std::shared_ptr<Project> project,
                                       const ReportRequest& request,
                                       const std::string& file)
{
    return m_state->start(Lane::Kind::Light,
                          [project = std::move(project), request, file](JobControl&) {
                              return save(*project, request, file);
                          });
}

} // namespace tw
