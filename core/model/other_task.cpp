// SPDX-License-Identifier: Apache-2.0
#include "core/model/other_task.h"

#include "core/base/json.h"
#include "core/base/random.h"
#include "core/model/config_keys.h"
#include "core/model/head_weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

namespace tw {
namespace {

constexpr double kUsualDeviation = 0.02; // initializer_range of most classes of Transformers

/// "Llama" of LlamaForCausalLM, LlamaModel and the like.
std::string stemOf(const std::string& architecture)
{
    for (const std::string_view ending : {"WithLMHeadModel", "LMHeadModel", "Model"})
        if (architecture.ends_with(ending))
            return architecture.substr(0, architecture.size() - ending.size());
    return architecture.substr(0, architecture.rfind("For"));
}

std::string endingOf(ModelTask task, const ModelConfig& config)
{
    switch (task) {
    case ModelTask::SequenceClassification:
        return "ForSequenceClassification";
    case ModelTask::TokenClassification:
        return "ForTokenClassification";
    case ModelTask::Classification:
        return config.patches && !config.patches->isSpectrogram ? "ForImageClassification"
                                                                : "ForAudioClassification";
    case ModelTask::Ctc:
        return "ForCTC";
    default:
        throw Error("only heads that tell labels apart can be made anew.",
                    "Choose a model whose class has the head that this task needs.");
    }
}

/// config.json as Transformers would write it for such a class.
std::string configTextFor(const ModelSource& source,
                          const std::string& architecture,
                          ModelTask task,
                          const std::vector<std::string>& labels)
{
    Json config = parseJson(source.configText, source.path.string());
    config["architectures"] = {architecture};
    if (task == ModelTask::Ctc) {
        config["vocab_size"] = labels.size();
        return config.dump(2);
    }
    config["id2label"] = Json::object();
    config["label2id"] = Json::object();
    for (std::size_t i = 0; i < labels.size(); ++i) {
        config["id2label"][std::to_string(i)] = labels[i];
        config["label2id"][labels[i]] = i;
    }
    config.erase("num_labels");
    return config.dump(2);
}

void describe(ModelSource& source,
              const std::string& architecture,
              ModelTask task,
              const std::vector<std::string>& labels)
{
    if (source.isGguf) {
        source.config.architecture = architecture;
        source.config.task = task;
        source.config.labels = labels;
        return;
    }
    const std::string dtype = source.config.dtype;
    source.configText = configTextFor(source, architecture, task, labels);
    source.config = source.family->configFromJson(source.configText);
    source.config.dtype = dtype;
}

/// A head of another size stands for other labels: it is made anew as well.
bool isInFile(const ModelSource& source, const WeightInfo& wanted)
{
    const TensorInfo* info = source.tensors->find(source.storedName(wanted.name));
    return info != nullptr && (source.isGguf || info->shape == wanted.shape);
}

double deviationOf(const ModelSource& source)
{
    if (source.isGguf)
        return kUsualDeviation;
    const JsonKeys keys(parseJson(source.configText, source.path.string()));
    const double deviation = keys.real("initializer_range", kUsualDeviation);
    return std::isfinite(deviation) && deviation > 0 && deviation <= 1.0 ? deviation
                                                                         : kUsualDeviation;
}

/// How fresh weights are drawn.
struct Draw
{
    std::uint64_t seed = 0;
    double deviation = kUsualDeviation;
};

/// A file with further tensors, which are drawn when they are read.
class DrawnTensors final : public TensorFile
{
public:
    DrawnTensors(std::shared_ptr<const TensorFile> file,
                 std::vector<TensorInfo> drawn,
                 const Draw& draw)
        : m_file(std::move(file))
        , m_draw(draw)
        , m_infos(std::move(drawn))
        , m_drawn(m_infos.size())
    {
        for (const TensorInfo& info : m_file->tensors())
            if (findDrawn(info.name) == nullptr)
                m_infos.push_back(info);
    }

    const std::vector<TensorInfo>& tensors() const override { return m_infos; }
    const std::map<std::string, std::string>& metadata() const override
    {
        return m_file->metadata();
    }
    const TensorInfo* find(const std::string& name) const override
    {
        const TensorInfo* drawn = findDrawn(name);
        return drawn != nullptr ? drawn : m_file->find(name);
    }
    at::Tensor read(const std::string& name) const override
    {
        const TensorInfo* drawn = findDrawn(name);
        return drawn != nullptr ? fresh(*drawn) : m_file->read(name);
    }
    std::vector<std::string> remarks() const override { return m_file->remarks(); }

private:
    const TensorInfo* findDrawn(const std::string& name) const
    {
        const auto end = m_infos.begin() + static_cast<std::ptrdiff_t>(m_drawn);
        const auto it = std::find_if(m_infos.begin(), end,
                                     [&](const TensorInfo& info) { return info.name == name; });
        return it == end ? nullptr : &*it;
    }

    /// As Transformers starts a layer: a norm's weight is 1.
    at::Tensor fresh(const TensorInfo& info) const
    {
        if (info.name.ends_with(".bias"))
            return at::zeros(info.shape, at::kFloat);
        if (info.shape.size() < 2)
            return at::ones(info.shape, at::kFloat);
        at::Tensor weight = at::empty(info.shape, at::kFloat);
        RandomStream random(m_draw.seed, "head/" + info.name);
        auto* values = weight.mutable_data_ptr<float>();
        std::generate(values, values + weight.numel(),
                      [&] { return static_cast<float>(m_draw.deviation * random.normal()); });
        return weight;
    }

    std::shared_ptr<const TensorFile> m_file;
    Draw m_draw;
    std::vector<TensorInfo> m_infos; ///< those that are drawn, then those of the file
    std::size_t m_drawn;
};

std::set<std::string> headNames(const ModelSource& source)
{
    std::set<std::string> names;
    for (const auto& [name, tensor] : headWeightsOf(*source.skeleton()))
        names.insert(name);
    return names;
}

void addDrawn(ModelSource& source, std::uint64_t seed, bool isNew)
{
    const std::set<std::string> ofHead = isNew ? headNames(source) : std::set<std::string> {};
    std::vector<TensorInfo> drawn;
    for (const WeightInfo& wanted : source.weightInfos())
        if (ofHead.contains(wanted.name) || !isInFile(source, wanted)) {
            TensorInfo info;
            info.name = source.storedName(wanted.name);
            info.shape = wanted.shape;
            info.dtype = "F32";
            info.bytes = static_cast<std::uint64_t>(c10::multiply_integers(wanted.shape)) * 4;
            drawn.push_back(std::move(info));
        }
    if (!drawn.empty())
        source.tensors = std::make_shared<const DrawnTensors>(source.tensors, std::move(drawn),
                                                              Draw {seed, deviationOf(source)});
}

} // namespace

bool hasLabels(ModelTask task)
{
    constexpr std::array kTasks {ModelTask::SequenceClassification, ModelTask::TokenClassification,
                                 ModelTask::Classification, ModelTask::Ctc};
    return std::ranges::find(kTasks, task) != kTasks.end();
}

ModelSource withTask(const ModelSource& source,
                     ModelTask task,
                     const std::vector<std::string>& labels,
                     std::uint64_t seed,
                     bool isNew)
{
    ModelSource other = source;
    try {
        const std::string architecture =
            stemOf(source.config.architecture) + endingOf(task, source.config);
        if (!source.family->reads(architecture))
            throw Error("models of the family " + source.family->title
                            + " have no head for this task (" + architecture + ").",
                        "Choose another model or another objective.");
        if (labels.empty())
            throw Error("a head needs at least one label.", "Name the labels of the data.");
        describe(other, architecture, task, labels);
        addDrawn(other, seed, isNew);
    } catch (const Error& error) {
        throw Error(source.path.string() + ": " + error.what(), error.hint());
    }
    return other;
}

} // namespace tw
