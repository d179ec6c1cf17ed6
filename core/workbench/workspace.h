// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workbench/experiment.h"
#include "core/workbench/job.h"
#include "core/workbench/project.h"
#include "core/workbench/tools.h"
#include "core/workbench/values.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tw {

/// What a report contains, in this order.
struct ReportRequest
{
    std::string title;
    std::string notes; ///< Markdown
    std::vector<std::int64_t> runs;
    std::vector<std::int64_t> analyses; ///< ids; empty: all of the runs
};

/// Everything a program can ask of core. What may take over 100 ms is a Job; the rest answers at
/// once. Loaded models are cached (newest two), so that two questions to one model load it once.
class Workspace
{
public:
    explicit Workspace(std::int64_t threads = 0);
    ~Workspace();

    // --- this machine and this program
    DeviceInfo device() const;
    std::vector<PluginInfo> plugins() const;
    /// What `doctor` prints, measured now.
    Job<AnalysisResult> doctor();

    // --- looking at files
    Job<ModelSummary> describeModel(const std::string& path);
    Job<TensorDetail> describeTensor(const std::string& path, const std::string& tensor);
    /// Of a tensor file or a folder with shards.
    Job<TensorListing> listTensors(const std::string& path);
    Job<AdapterSummary> describeAdapter(const std::string& path);
    Job<DatasetSummary> describeDataset(const std::string& path);
    Job<DatasetRows> datasetRows(const std::string& path, std::int64_t first, std::int64_t count);
    /// "model", "adapter", "tensors", "dataset", "project", "experiment": what a dropped file or
    /// folder is. Throws Error.
    std::string kindOf(const std::string& path) const;

    // --- before a run
    /// Row of the training part (or of the held-out part) as the model sees it, cut tokens
    /// included.
    Job<RowTokens> rowTokens(const Experiment& experiment, bool heldOut, std::int64_t row);
    Job<CheckReport> check(const Experiment& experiment);
    /// All objectives: first those that suit the model and the first rows of the training data, of
    /// these the ones first that use most of what the rows have; then the others with the reason.
    /// What is not chosen yet (model, data) keeps none from fitting.
    Job<std::vector<ObjectiveFit>> objectiveFits(const Experiment& experiment);
    /// Trained parameters, memory and time; no file is read, so that it follows every click.
    Plan
    plan(const ModelSummary& model, const Experiment& experiment, double tokensPerRow = 0.0) const;

    // --- runs
    /// Runs what addRun() queued; steps, evaluations, checkpoints and events go into the project
    /// file.
    Job<RunSummary> train(std::shared_ptr<Project> project, std::int64_t run);
    /// Goes on from the last checkpoint; exact on the CPU. A finished run is returned as it is.
    Job<RunSummary> resume(std::shared_ptr<Project> project, std::int64_t run);

    // --- after a run
    Job<XrayResult> xray(const ModelRef& base, const ModelRef& tuned, const XrayOptions& options);
    StreamingJob<Generated, std::string>
    generate(const ModelRef& model, const std::string& prompt, const GenerateOptions& options);
    /// The same for several prompts, some at once; rows come in the prompts' order.
    StreamingJob<std::vector<Generated>, GeneratedRow>
    generateAll(const ModelRef& model,
                const std::vector<std::string>& prompts,
                const GenerateOptions& options);
    StreamingJob<std::vector<ContrastSample>, ContrastSample>
    contrast(const ModelRef& base, const ModelRef& tuned, const ContrastOptions& options);
    /// Held-out loss in nats per token of a text under a model.
    struct TextLoss
    {
        double nats = 0.0;
        std::int64_t tokens = 0;
    };
    Job<TextLoss> perplexity(const ModelRef& model,
                             const std::string& text,
                             std::int64_t window,
                             std::int64_t stride);

    // --- single tools
    /// Forward pass over the rows of a file (see core/workbench/tools.h).
    Job<LogitsSummary> writeLogits(const ModelRef& model, const LogitsFiles& files);
    /// Any readable tensor file to safetensors, one tensor after the other.
    Job<ConvertSummary> convert(const ConvertRequest& request);

    /// Fetches a model. Progress in bytes; cancelled or failed, what has arrived is kept, and the
    /// same call goes on from there.
    Job<FetchSummary> fetch(const FetchOptions& options);

    // --- sharing
    /// A model with its adapters merged in, as a folder of Hugging Face's that is not there yet; it
    /// is loaded again and compared on texts, or on ids from all over the vocabulary.
    Job<SharedModel> mergeModel(const ModelRef& model,
                                const std::string& out,
                                const std::vector<std::string>& texts);
    /// The same as a folder with one GGUF file whose matrices are stored as type: "F16" ...
    Job<SharedModel> exportGguf(const ModelRef& model,
                                const std::string& type,
                                const std::string& out,
                                const std::vector<std::string>& texts);
    static const std::vector<std::string>& ggufTypes(); ///< that matrices may be stored as
    /// A model's one adapter in PEFT's layout, proven the same way.
    Job<SharedModel> exportAdapter(const ModelRef& model,
                                   const std::string& out,
                                   const std::vector<std::string>& texts);
    /// The report as one HTML page that needs nothing else.
    Job<std::string> reportHtml(std::shared_ptr<Project> project, const ReportRequest& request);
    /// Writes it and remembers it in the project; empty file: a name in reports/. Returns the path.
    Job<std::string> saveReport(std::shared_ptr<Project> project,
                                const ReportRequest& request,
                                const std::string& file);

    // --- the sample
    /// Makes the sample project (model, data, experiment), ready to run, or opens it where it is
    /// there already.
    Job<std::shared_ptr<Project>> sample(const std::filesystem::path& folder);

    JobRunner& runner();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace tw
