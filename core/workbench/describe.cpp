// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/chat_templates.h"
#include "core/experiment/task_head.h"
#include "core/model/head_weights.h"
#include "core/model/other_task.h"
#include "core/objective/registry.h"
#include "core/tensorfile/tensor_file.h"
#include "core/workbench/answers.h"
#include "core/workbench/project_state.h"
#include "core/workbench/site_rows.h"
#include "core/workbench/workspace_state.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxConfigBytes = 16'000'000;

std::int64_t countOf(const std::vector<std::int64_t>& shape)
{
    return std::accumulate(shape.begin(), shape.end(), std::int64_t {1}, std::multiplies<>());
}

std::vector<TensorSummary> summariesOf(const TensorFile& file)
{
    std::vector<TensorSummary> out;
    for (const TensorInfo& info : file.tensors())
        out.push_back({info.name, info.dtype, info.shape, info.bytes});
    return out;
}

std::string positionsText(const ModelConfig& config)
{
    switch (config.positions) {
    case Positions::None:
        if (config.relative)
            return "learned for distances, in " + std::to_string(config.relative->buckets)
                + " buckets";
        if (config.disentangled)
            return "learned for distances of up to " + groupedDigits(config.disentangled->span);
        return config.patches ? "learned, " + groupedDigits(config.contextLength)
            : config.waveform ? "a convolution over the tokens"
                              : "none of the model's own";
    case Positions::Learned:
        return "learned, " + groupedDigits(config.contextLength);
    case Positions::Alibi:
        return "a slope on the distance (ALiBi)";
    case Positions::Rotary:
        break;
    }
    const std::string part = config.turned() == config.headSize ? std::string()
                                                                : std::to_string(config.turned())
            + " of " + std::to_string(config.headSize) + " dimensions, ";
    return "rotary, " + part + "base " + groupedDigits(static_cast<std::int64_t>(config.ropeTheta))
        + (config.rope.kind == "default" ? "" : ", scaled (" + config.rope.kind + ")");
}

std::string labelsText(const std::vector<std::string>& labels)
{
    constexpr std::size_t kShown = 6;
    std::string text;
    for (std::size_t i = 0; i < std::min(labels.size(), kShown); ++i)
        text += (i == 0 ? "" : ", ") + labels[i];
    return labels.size() > kShown
        ? text + " and " + std::to_string(labels.size() - kShown) + " more"
        : text;
}

std::string taskText(const ModelConfig& config)
{
    switch (config.task) {
    case ModelTask::CausalLm:
        return "the next token";
    case ModelTask::MaskedLm:
        return "masked tokens";
    case ModelTask::SequenceClassification:
        return "one label for a text: " + labelsText(config.labels);
    case ModelTask::TokenClassification:
        return "a label for each token: " + labelsText(config.labels);
    case ModelTask::QuestionAnswering:
        return "where an answer starts and ends";
    case ModelTask::PreTraining:
        return "what it was pre-trained for";
    case ModelTask::Classification:
        return "one label for a picture or a sound: " + labelsText(config.labels);
    case ModelTask::Ctc:
        return "a letter, or none, for each stretch of a sound";
    case ModelTask::ConditionalGeneration:
        return "an answer to what it reads";
    case ModelTask::Base:
        return config.architecture == "CLIPModel" ? "how well pictures and texts go together"
                                                  : "hidden states; it has no head";
    case ModelTask::Other:
        break;
    }
    return "outputs of " + config.architecture;
}

std::string sidesText(std::int64_t width, std::int64_t height)
{
    return groupedDigits(width) + " x " + groupedDigits(height);
}

/// Empty for models that read text alone.
std::string sensesText(const ModelConfig& config)
{
    if (config.waveform) {
        constexpr std::int64_t kMostStride = 1 << 30;
        std::int64_t stride = 1;
        for (const Waveform::Convolution& convolution : config.waveform->convolutions)
            stride = std::min(stride * convolution.stride, kMostStride);
        return "samples of sound, a token for each " + groupedDigits(stride);
    }
    if (!config.patches)
        return {};
    const Patches& patches = *config.patches;
    const std::string cut = ", in patches of " + sidesText(patches.size, patches.size);
    if (patches.isSpectrogram)
        return "spectrograms of " + groupedDigits(patches.width) + " moments and "
            + groupedDigits(patches.height) + " frequencies" + cut;
    return "pictures of " + sidesText(patches.width, patches.height) + " pixels"
        + (patches.takesOtherSizes ? " or other sizes" : "") + cut;
}

std::vector<std::pair<std::string, std::string>> inWords(const ModelConfig& config)
{
    std::vector<std::pair<std::string, std::string>> lines {
        {"Layers", std::to_string(config.layers)},
        {"Hidden size", groupedDigits(config.hiddenSize)},
        {"Attention",
         std::to_string(config.heads) + " heads of " + std::to_string(config.headSize)
             + (config.kvHeads == config.heads
                    ? std::string()
                    : ", " + std::to_string(config.kvHeads) + " for keys and values")},
        {"Feed-forward",
         groupedDigits(config.intermediateSize) + (config.isGated ? ", gated, " : ", ")
             + config.activation},
        {"Positions", positionsText(config)}};
    if (const std::string senses = sensesText(config); !senses.empty())
        lines.emplace_back("Reads", senses);
    if (config.vocabularySize > 0)
        lines.emplace_back("Vocabulary", groupedDigits(config.vocabularySize) + " tokens");
    lines.emplace_back("Gives", taskText(config));
    if (config.task == ModelTask::CausalLm || config.task == ModelTask::MaskedLm)
        lines.emplace_back("Output head", config.tiesHead ? "tied to the embedding" : "own matrix");
    if (config.slidingWindow) {
        const auto with = std::count(config.hasWindow.begin(), config.hasWindow.end(), true);
        lines.emplace_back("Sliding window",
                           groupedDigits(*config.slidingWindow) + " tokens"
                               + (config.hasWindow.empty() ? std::string()
                                                           : ", in " + std::to_string(with) + " of "
                                          + std::to_string(config.layers) + " layers"));
    }
    return lines;
}

void addTokenizer(ModelSummary& summary)
{
    if (summary.loads && summary.vocabularySize == 0) {
        summary.tokenizer = "none needed: it reads no text";
        return;
    }
    try {
        summary.tokenizer = openTokenizer(summary.path)->description();
    } catch (const Error& error) { // a model without tokenizer still shows its weights
        summary.tokenizer = std::string("none that can be read: ") + error.what();
    }
    try {
        summary.chatTemplate = chatTemplateOf(summary.path);
    } catch (const Error& error) { // said where it is wanted: by check() and by template
        summary.chatTemplate.clear();
    }
    summary.hasChatTemplate = !summary.chatTemplate.empty();
}

std::int64_t headParameters(const ModelSource& source, ModelTask task, std::size_t labels)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < labels; ++i)
        names.push_back("LABEL_" + std::to_string(i));
    const auto model = withTask(source, task, names, 0).skeleton();
    std::int64_t count = 0;
    for (const auto& [name, tensor] : headWeightsOf(*model))
        count += tensor.numel();
    return count;
}

/// Of objectives whose heads tell labels apart, where the model can have such a head.
std::map<std::string, HeadSize> headsOf(const ModelSource& source)
{
    std::map<std::string, HeadSize> heads;
    std::map<ModelTask, HeadSize> known; // several objectives share a task
    for (const auto& objective : objectives().all()) {
        const auto task = std::ranges::any_of(objective->tasks, hasLabels)
            ? taskOf(*objective, source)
            : std::nullopt;
        if (!task || !hasLabels(*task))
            continue;
        if (!known.contains(*task)) {
            const std::int64_t one = headParameters(source, *task, 1);
            const std::int64_t two = headParameters(source, *task, 2);
            const std::size_t own = source.config.task == *task ? source.config.labels.size() : 0;
            known[*task] = {2 * one - two, two - one, static_cast<std::int64_t>(own)};
        }
        HeadSize& head = heads[objective->id] = known[*task];
        const bool givesNumber = objective->learnsNumbers || objective->rows == RowUse::Preference;
        if (head.labels == 0 && givesNumber)
            head.labels = 1;
    }
    return heads;
}

void addSource(ModelSummary& summary, const ModelSource& source)
{
    const ModelConfig& config = source.config;
    summary.loads = true; // opening has compared the weights with what the config asks for
    summary.senses = sensesText(config);
    summary.family = source.family == nullptr ? config.family : source.family->title;
    summary.architecture = config.architecture;
    summary.layers = config.layers;
    summary.hiddenSize = config.hiddenSize;
    summary.contextLength = config.contextLength;
    summary.vocabularySize = config.vocabularySize;
    summary.dtype = config.dtype;
    for (const WeightInfo& info : source.weightInfos())
        summary.parameters += countOf(info.shape);
    summary.configuration = inWords(config);
    summary.sites = siteRows(source.sites());
    summary.heads = headsOf(source);
    summary.block = {config.normPlace == NormPlace::AfterSum, config.isParallel};
    const auto& metadata = source.tensors->metadata();
    if (const auto it = metadata.find("general.license"); it != metadata.end())
        summary.licence = it->second;
    summary.tensors = summariesOf(*source.tensors);
    summary.remarks = source.tensors->remarks();
}

} // namespace

ModelSummary summaryOfModel(const std::string& path)
{
    ModelSummary summary;
    summary.path = path;
    summary.name = modelName(path);
    summary.fileBytes = sizeOfFiles(path);
    try {
        addSource(summary, openModelSource(path));
    } catch (const Error& error) { // "loads: no" with the reason is what was asked for
        summary.whyNot =
            std::string(error.what()) + (error.hint().empty() ? "" : " ") + error.hint();
        if (fs::exists(path) && summary.tensors.empty())
            summary.tensors = summariesOf(*openTensorFile(path));
    }
    addTokenizer(summary);
    return summary;
}

namespace {

TensorDetail detailOf(const std::string& name, const at::Tensor& stored)
{
    constexpr std::int64_t kBins = 80; // as wide as a histogram is drawn
    const at::Tensor all = stored.to(at::kFloat).flatten();
    TensorDetail detail;
    detail.name = name;
    const at::Tensor isFinite = all.isfinite();
    const at::Tensor values = all.masked_select(isFinite);
    detail.notFinite = all.numel() - values.numel();
    if (values.numel() == 0)
        return detail;
    detail.norm = values.norm().to(at::kDouble).item<double>();
    detail.mean = values.mean(at::kDouble).item<double>();
    detail.standardDeviation = values.to(at::kDouble).std(false).item<double>();
    detail.minimum = values.min().item<double>();
    detail.maximum = values.max().item<double>();
    const bool isConstant = !(detail.maximum > detail.minimum);
    const double low = isConstant ? detail.minimum - 0.5 : detail.minimum;
    const double high = isConstant ? detail.maximum + 0.5 : detail.maximum;
    const at::Tensor counts = at::histc(values, kBins, low, high).to(at::kDouble);
    for (std::int64_t i = 0; i <= kBins; ++i)
        detail.binEdges.push_back(low + (high - low) * static_cast<double>(i) / kBins);
    detail.binCounts.assign(counts.const_data_ptr<double>(),
                            counts.const_data_ptr<double>() + kBins);
    return detail;
}

/// "q_proj" of "q_proj.lora_A.weight", or of "q_proj.ia3_l": whatever the method calls its tensors.
std::string moduleOf(std::string tensor)
{
    constexpr std::string_view kWeight = ".weight";
    if (tensor.ends_with(kWeight))
        tensor.resize(tensor.size() - kWeight.size());
    return tensor.substr(0, tensor.rfind('.'));
}

/// PEFT wrote adapter_model.bin before it wrote safetensors.
fs::path adapterWeights(const fs::path& folder)
{
    const fs::path old = folder / "adapter_model.bin";
    const fs::path current = folder / "adapter_model.safetensors";
    return fs::exists(old) && !fs::exists(current) ? old : current;
}

/// "lora"; of Tunewright's own format the method that the file names.
std::string methodOf(std::string peftType, const std::string& own)
{
    std::ranges::transform(peftType, peftType.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return peftType == "tunewright" && !own.empty() ? own : peftType;
}

AdapterSummary adapterOf(const std::string& path);

/// Several adapters that lie over each other, as one.
void addParts(const fs::path& folder, std::size_t count, AdapterSummary& all)
{
    all.method.clear();
    for (std::size_t i = 0; i < count; ++i) {
        const AdapterSummary part = adapterOf((folder / ("part-" + std::to_string(i))).string());
        all.method += (i > 0 ? " + " : "") + part.method;
        all.parameters += part.parameters;
        all.modules += part.modules;
        all.fileBytes += part.fileBytes;
        all.tensors.insert(all.tensors.end(), part.tensors.begin(), part.tensors.end());
    }
}

AdapterSummary adapterOf(const std::string& path)
{
    const fs::path folder = fs::is_directory(path) ? fs::path(path) : fs::path(path).parent_path();
    const fs::path file = folder / "adapter_config.json";
    const Json config = readJsonFile(file, kMaxConfigBytes);
    if (!config.is_object())
        throw Error(file.string() + ": is no JSON object.", "Write or download the adapter again.");
    const auto text = [&](const char* key) {
        const auto it = config.find(key);
        return it != config.end() && it->is_string() ? it->get<std::string>() : std::string();
    };
    const auto number = [&](const std::string& key) {
        const auto it = config.find(key);
        return it != config.end() && it->is_number() ? it->get<double>() : 0.0;
    };
    AdapterSummary summary;
    summary.path = path;
    summary.method = methodOf(text("peft_type"), text("method"));
    summary.baseModel = text("base_model_name_or_path");
    // What PEFT's methods call them; that with block sizes means the number of blocks by r.
    constexpr double kLargest = 1e9; // far above any rank; a larger double may be no integer
    if (!config.contains("oft_block_size"))
        summary.rank = static_cast<std::int64_t>(
            std::clamp(number(config.contains("init_r") ? "init_r" : "r"), 0.0, kLargest));
    summary.alpha = number(config.contains("lora_alpha") ? "lora_alpha" : "alpha");
    summary.fileBytes = sizeOfFiles(folder);
    if (config.contains("parts")) {
        addParts(folder, static_cast<std::size_t>(std::clamp(number("parts"), 0.0, 64.0)), summary);
        return summary;
    }
    summary.tensors = summariesOf(*openTensorFile(adapterWeights(folder)));
    std::set<std::string> modules;
    for (const TensorSummary& tensor : summary.tensors) {
        summary.parameters += countOf(tensor.shape);
        modules.insert(moduleOf(tensor.name));
    }
    summary.modules = static_cast<std::int64_t>(modules.size());
    return summary;
}

} // namespace

Job<ModelSummary> Workspace::describeModel(const std::string& path)
{
    return m_state->start(Lane::Kind::Light, [path](JobControl&) { return summaryOfModel(path); });
}

Job<TensorDetail> Workspace::describeTensor(const std::string& path, const std::string& tensor)
{
    return m_state->start(Lane::Kind::Light, [path, tensor](JobControl&) {
        return detailOf(tensor, openTensorFile(path)->read(tensor));
    });
}

Job<TensorListing> Workspace::listTensors(const std::string& path)
{
    return m_state->start(Lane::Kind::Light, [path](JobControl&) {
        const auto file = openTensorFile(path);
        return TensorListing {summariesOf(*file), file->remarks()};
    });
}

Job<AdapterSummary> Workspace::describeAdapter(const std::string& path)
{
    return m_state->start(Lane::Kind::Light, [path](JobControl&) { return adapterOf(path); });
}

} // namespace tw
