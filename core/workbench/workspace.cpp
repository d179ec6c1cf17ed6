// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/workspace.h"

#include "core/base/error.h"

namespace tw {
namespace {

[[noreturn]] void unavailable(const char* what)
{
    throw Error(std::string(what) + " is not part of this build.", "Use a newer Tunewright.");
}

} // namespace

struct Workspace::State
{
    std::int64_t threads = 0;
    JobRunner runner;
};

Workspace::Workspace(std::int64_t threads)
    : m_state(std::make_unique<State>())
{
    m_state->threads = threads;
}

Workspace::~Workspace() = default;

JobRunner& Workspace::runner()
{
    return m_state->runner;
}

DeviceInfo Workspace::device() const
{
    return {};
}

std::vector<PluginInfo> Workspace::plugins() const
{
    return {};
}

template <typename T>
Job<T> missing(JobRunner& runner, const char* what)
{
    return runner.start(Lane {Lane::Kind::Light}, [what](JobControl&) -> T { unavailable(what); });
}

Job<AnalysisResult> Workspace::doctor()
{
    return missing<AnalysisResult>(runner(), "doctor");
}
Job<ModelSummary> Workspace::describeModel(const std::string&)
{
    return missing<ModelSummary>(runner(), "describeModel");
}
Job<TensorDetail> Workspace::describeTensor(const std::string&, const std::string&)
{
    return missing<TensorDetail>(runner(), "describeTensor");
}
Job<AdapterSummary> Workspace::describeAdapter(const std::string&)
{
    return missing<AdapterSummary>(runner(), "describeAdapter");
}
Job<DatasetSummary> Workspace::describeDataset(const std::string&)
{
    return missing<DatasetSummary>(runner(), "describeDataset");
}
Job<DatasetRows> Workspace::datasetRows(const std::string&, std::int64_t, std::int64_t)
{
    return missing<DatasetRows>(runner(), "datasetRows");
}
std::string Workspace::kindOf(const std::string&) const
{
    unavailable("kindOf");
}
Job<RowTokens> Workspace::rowTokens(const Experiment&, bool, std::int64_t)
{
    return missing<RowTokens>(runner(), "rowTokens");
}
Job<CheckReport> Workspace::check(const Experiment&)
{
    return missing<CheckReport>(runner(), "check");
}
Plan Workspace::plan(const ModelSummary&, const Experiment&, double) const
{
    return {};
}
Job<RunSummary> Workspace::train(std::shared_ptr<Project>, std::int64_t)
{
    return missing<RunSummary>(runner(), "train");
}
Job<RunSummary> Workspace::resume(std::shared_ptr<Project>, std::int64_t)
{
    return missing<RunSummary>(runner(), "resume");
}
Job<XrayResult> Workspace::xray(const ModelRef&, const ModelRef&, const XrayOptions&)
{
    return missing<XrayResult>(runner(), "xray");
}
StreamingJob<Generated, std::string>
Workspace::generate(const ModelRef&, const std::string&, const GenerateOptions&)
{
    return {missing<Generated>(runner(), "generate"), std::make_shared<Feed<std::string>>()};
}
StreamingJob<std::vector<ContrastSample>, ContrastSample>
Workspace::contrast(const ModelRef&, const ModelRef&, const ContrastOptions&)
{
    return {missing<std::vector<ContrastSample>>(runner(), "contrast"),
            std::make_shared<Feed<ContrastSample>>()};
}
Job<Workspace::TextLoss>
Workspace::perplexity(const ModelRef&, const std::string&, std::int64_t, std::int64_t)
{
    return missing<TextLoss>(runner(), "perplexity");
}
Job<std::vector<TensorSummary>> Workspace::listTensors(const std::string&)
{
    return missing<std::vector<TensorSummary>>(runner(), "listTensors");
}
Job<LogitsSummary> Workspace::writeLogits(const ModelRef&, const std::string&, const std::string&)
{
    return missing<LogitsSummary>(runner(), "writeLogits");
}
Job<ConvertSummary> Workspace::convert(const std::string&, const std::string&, bool)
{
    return missing<ConvertSummary>(runner(), "convert");
}
Job<std::string> Workspace::reportHtml(std::shared_ptr<Project>, const ReportRequest&)
{
    return missing<std::string>(runner(), "reportHtml");
}
Job<std::string>
Workspace::saveReport(std::shared_ptr<Project>, const ReportRequest&, const std::string&)
{
    return missing<std::string>(runner(), "saveReport");
}
Job<std::shared_ptr<Project>> Workspace::sample(const std::filesystem::path&)
{
    return missing<std::shared_ptr<Project>>(runner(), "sample");
}

} // namespace tw
