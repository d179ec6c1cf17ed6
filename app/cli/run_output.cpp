// SPDX-License-Identifier: Apache-2.0
#include "app/cli/run_output.h"

#include "app/cli/terminal.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/workbench/run_metrics.h"

#include <cmath>
#include <iostream>
#include <map>

namespace tw::cli {
namespace {

/// Names of the series, and what the lines call them.
constexpr std::pair<const char*, const char*> kSeries[] {{"loss", "loss"},
                                                         {"learningRate", "lr"},
                                                         {"gradientNorm", "grad_norm"},
                                                         {"tokensPerSecond", "tokens_per_s"},
                                                         {"memoryBytes", "memory_bytes"}};
constexpr std::pair<const char*, const char*> kEvaluations[] {{"heldOut.loss", "held_out_loss"},
                                                              {"general.loss", "general_loss"}};

Json metricsJson(const std::map<std::string, double>& metrics)
{
    Json json = Json::object();
    for (const auto& [name, value] : metrics)
        json[name] = std::isfinite(value) ? Json(value) : Json();
    return json;
}

std::string indented(const std::string& text)
{
    std::string out;
    for (const std::string& line : split(trimmed(text), '\n'))
        out += "      " + line + "\n";
    return out;
}

} // namespace

RunLines::RunLines(std::shared_ptr<Project> project, std::int64_t run, bool json)
    : m_json(json)
    , m_project(std::move(project))
    , m_run(run)
{
    // What lies behind the last checkpoint is going to be measured again.
    const auto checkpoints = m_project->checkpoints(run);
    if (!checkpoints.empty())
        m_lastStep = checkpoints.back().step;
    for (const RunEvent& event : m_project->events(run))
        m_events += event.step <= m_lastStep ? 1 : 0;
}

void RunLines::print()
{
    const std::int64_t version = m_project->version();
    if (version == m_version)
        return;
    m_version = version;
    if (m_json)
        printSteps();
    printEvents();
}

void RunLines::printSteps()
{
    std::map<std::int64_t, Json> steps;
    for (const auto& [name, key] : kSeries)
        for (const MetricPoint& point : m_project->metric(m_run, name, m_lastStep))
            steps[point.step][key] = std::isfinite(point.value) ? Json(point.value) : Json();
    for (auto& [step, values] : steps) {
        m_lastStep = step;
        Json line {{"event", "step"}, {"step", step}};
        line.update(values);
        printJson(line, -1);
    }
}

Json RunLines::lineOf(const RunEvent& event) const
{
    Json line {{"event", event.kind}, {"step", event.step}, {"text", event.text}};
    if (event.kind != "evaluation")
        return line;
    for (const auto& [name, key] : kEvaluations)
        for (const MetricPoint& point : m_project->metric(m_run, name, event.step - 1))
            if (point.step == event.step)
                line[key] = std::isfinite(point.value) ? Json(point.value) : Json();
    return line;
}

void RunLines::printEvents()
{
    const auto events = m_project->events(m_run);
    for (; m_events < events.size(); ++m_events) {
        const RunEvent& event = events[m_events];
        if (m_json && event.kind != "finished") // the last line says it, with the result
            printJson(lineOf(event), -1);
        else if (!m_json && (event.kind == "evaluation" || event.kind == "note"))
            std::cerr << "step " << event.step << ": " << event.text << std::endl;
    }
}

void printRunEnd(const RunSummary& run)
{
    printJson({{"event", runStateId(run.state)},
               {"run", std::to_string(run.id)},
               {"step", run.step},
               {"steps", run.steps},
               {"adapter", run.adapter},
               {"seconds", run.seconds},
               {"metrics", metricsJson(run.metrics)},
               {"first_metrics", metricsJson(run.firstMetrics)}},
              -1);
}

void printRunForPeople(const Project& project, const RunSummary& run)
{
    std::cout << "Run " << run.id << " (" << run.name << ") " << runStateId(run.state)
              << " at step " << run.step << " of " << run.steps << " after "
              << clockText(run.seconds) << ".\n";
    std::vector<std::vector<std::string>> rows {{"", "before", "after"}};
    for (const RunMetric& metric : runMetrics())
        if (run.metrics.contains(metric.id) && run.firstMetrics.contains(metric.id))
            rows.push_back({metric.title, numberText(run.firstMetrics.at(metric.id)),
                            numberText(run.metrics.at(metric.id))});
    if (rows.size() > 1)
        printTable(rows);
    const auto samples = project.samples(run.id);
    for (const RunSample& before : samples) {
        if (before.step != 0)
            continue;
        const RunSample* after = nullptr;
        for (const RunSample& sample : samples)
            if (sample.step > 0 && sample.prompt == before.prompt)
                after = &sample; // the last one
        if (after == nullptr)
            continue;
        std::cout << "\n"
                  << trimmed(before.prompt) << "\n  base:\n"
                  << indented(before.text) << "  tuned:\n"
                  << indented(after->text) << "  wanted:\n"
                  << indented(before.target);
    }
    if (!run.adapter.empty())
        std::cout << "\nAdapter: " << run.adapter << '\n';
}

} // namespace tw::cli
