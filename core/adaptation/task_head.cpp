// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/task_head.h"

#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/own_method.h"
#include "core/adaptation/peft_config.h"
#include "core/base/text.h"
#include "core/model/head_weights.h"
#include "core/model/other_task.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <set>

namespace tw {
namespace {

constexpr std::size_t kLargestFile = std::size_t {16} << 20U;
constexpr std::size_t kMostLabels = 10'000; // ten times what data may have

/// Path of the head's module that stands for a weight of it: "classifier" of
/// "classifier.dense.weight", but "bert.pooler" of "bert.pooler.dense.weight", since "bert" is more
/// than the head.
std::string moduleOf(const std::string& weight, const Model& model)
{
    const NamedTensors head = headWeightsOf(model);
    const auto isHead = [&](const std::string& name) {
        return std::ranges::any_of(head, [&](const auto& own) { return own.first == name; });
    };
    const NamedTensors all = model.weights();
    for (auto dot = weight.find('.'); dot != std::string::npos; dot = weight.find('.', dot + 1)) {
        const std::string start = weight.substr(0, dot + 1);
        const bool isWhole = std::ranges::all_of(all, [&](const auto& own) {
            return !own.first.starts_with(start) || isHead(own.first);
        });
        if (isWhole)
            return weight.substr(0, dot);
    }
    return weight.substr(0, weight.rfind('.'));
}

std::string ownHeadConfig(const std::vector<std::string>& modules, const std::string& baseModelName)
{
    return Json {{"peft_type", kOwnPeftType},
                 {"base_model_name_or_path", baseModelName.empty() ? Json() : Json(baseModelName)},
                 {"task_head", modules}}
        .dump(2);
}

/// PEFT stores modules beside virtual tokens in a way that it does not train again.
bool takesModules(const Json& config)
{
    static const std::set<std::string> kOthers {kOwnPeftType, "PROMPT_TUNING", "PREFIX_TUNING",
                                                "P_TUNING"};
    return !kOthers.contains(config.value("peft_type", std::string()));
}

Json taskTypeOf(const std::string& architecture)
{
    switch (taskFrom(architecture)) {
    case ModelTask::SequenceClassification:
        return "SEQ_CLS";
    case ModelTask::TokenClassification:
        return "TOKEN_CLS";
    default: // PEFT has no class for it
        return nullptr;
    }
}

/// A method and a head that are stored as one adapter of PEFT's.
class HeadedAdapter final : public Adapter, public MayBringHead
{
public:
    HeadedAdapter(std::unique_ptr<Adapter> method, std::unique_ptr<Adapter> head)
        : m_method(std::move(method))
        , m_head(std::move(head))
    {
    }
    ~HeadedAdapter() override { m_head.reset(); } // it was attached last
    HeadedAdapter(const HeadedAdapter&) = delete;
    HeadedAdapter& operator=(const HeadedAdapter&) = delete;

    NamedTensors parameters() const override { return withHead(m_method->parameters()); }
    std::vector<Treatment> treatments() const override
    {
        std::vector<Treatment> all = m_method->treatments();
        for (const Treatment& treatment : m_head->treatments())
            all.push_back(treatment);
        return all;
    }
    NamedTensors frozen() const override { return m_method->frozen(); }
    NamedTensors written() const override
    {
        const NamedTensors others = m_method->written();
        return others.empty() ? others : withHead(others);
    }
    std::string peftConfig(const std::string& baseModelName) const override
    {
        Json config = parsePeftConfig(m_method->peftConfig(baseModelName));
        std::vector<std::string> saved = peftTexts(config, "modules_to_save");
        const Json own = parsePeftConfig(m_head->peftConfig(baseModelName)).at("task_head");
        for (const Json& module : own)
            saved.push_back(module.get<std::string>());
        config["modules_to_save"] = saved;
        if (const auto head = taskHead())
            config["task_type"] = taskTypeOf(head->architecture);
        return config.dump(2);
    }
    std::shared_ptr<const LinearChange> delta(Site site) const override
    {
        return m_method->delta(site);
    }
    std::vector<Site> sites() const override { return m_method->sites(); }
    std::optional<TaskHead> taskHead() const override { return taskHeadOf(*m_head); }
    void setEnabled(bool isEnabled) override
    {
        (isEnabled ? m_method : m_head)->setEnabled(isEnabled);
        (isEnabled ? m_head : m_method)->setEnabled(isEnabled);
    }
    at::Tensor penalty() const override { return m_method->penalty(); }
    void beforeUpdate(const TrainingMoment& moment) override { m_method->beforeUpdate(moment); }
    void afterUpdate(const TrainingMoment& moment) override { m_method->afterUpdate(moment); }
    NamedTensors state() const override { return m_method->state(); }

private:
    NamedTensors withHead(NamedTensors tensors) const
    {
        for (const auto& item : m_head->parameters())
            tensors.push_back(item);
        return tensors;
    }

    std::unique_ptr<Adapter> m_method;
    std::unique_ptr<Adapter> m_head;
};

/// Rows of the matrix that gives the labels, in a file that PEFT wrote; 0 where it holds none.
std::int64_t labelsIn(const TensorFile& tensors)
{
    for (const TensorInfo& info : tensors.tensors())
        for (const char* ending :
             {".classifier.weight", ".score.weight", ".classifier.out_proj.weight"})
            if (info.name.ends_with(ending) && info.shape.size() == 2)
                return info.shape[0];
    return 0;
}

std::optional<TaskHead> peftsTaskHead(const std::filesystem::path& folder)
{
    const auto file = folder / kPeftConfigFile;
    if (!std::filesystem::exists(file))
        return std::nullopt; // attaching says it
    const Json config = parsePeftConfig(readFile(file, kLargestFile));
    const Json type = config.value("task_type", Json());
    if (type != "SEQ_CLS" && type != "TOKEN_CLS")
        return std::nullopt;
    TaskHead head {type == "SEQ_CLS" ? "ForSequenceClassification" : "ForTokenClassification", {}};
    for (const char* name : {"adapter_model.safetensors", "adapter_model.bin"})
        if (head.labels.empty() && std::filesystem::exists(folder / name)) {
            const std::int64_t count = labelsIn(*openTensorFile(folder / name));
            for (std::int64_t i = 0; i < std::min<std::int64_t>(count, kMostLabels); ++i)
                head.labels.push_back("LABEL_" + std::to_string(i));
        }
    if (head.labels.empty())
        return std::nullopt;
    return head;
}

} // namespace

std::optional<TaskHead> taskHeadOf(const Adapter& adapter)
{
    if (const auto* headed = dynamic_cast<const MayBringHead*>(&adapter))
        return headed->taskHead();
    for (const Adapter* part : adapter.parts())
        if (auto head = taskHeadOf(*part))
            return head;
    return std::nullopt;
}

std::unique_ptr<Adapter> attachTaskHead(Model& model)
{
    AdapterParts parts;
    std::vector<std::string> modules;
    for (const auto& [name, tensor] : headWeightsOf(model)) {
        if (tensor.requires_grad())
            continue;
        parts.weights.push_back({name, name, tensor.detach().clone(), true});
        if (const std::string module = moduleOf(name, model);
            std::ranges::find(modules, module) == modules.end())
            modules.push_back(module);
    }
    if (parts.weights.empty())
        return nullptr;
    return attachParts(model, std::move(parts), [modules](const std::string& baseModelName) {
        return ownHeadConfig(modules, baseModelName);
    });
}

std::unique_ptr<Adapter> withTaskHead(std::unique_ptr<Adapter> method,
                                      std::unique_ptr<Adapter> head)
{
    if (head == nullptr)
        return method;
    if (method == nullptr)
        return head;
    if (method->parts().empty() && takesModules(parsePeftConfig(method->peftConfig(""))))
        return std::make_unique<HeadedAdapter>(std::move(method), std::move(head));
    std::vector<std::unique_ptr<Adapter>> both;
    both.push_back(std::move(method));
    both.push_back(std::move(head));
    return together(std::move(both));
}

std::string taskHeadText(const TaskHead& head)
{
    return Json {{"architecture", head.architecture}, {"labels", head.labels}}.dump(2);
}

std::optional<TaskHead> taskHeadIn(const std::filesystem::path& adapterFolder)
{
    const auto file = adapterFolder / kTaskHeadFile;
    if (!std::filesystem::exists(file))
        return peftsTaskHead(adapterFolder);
    const Json json = parseJson(readFile(file, kLargestFile), file.string());
    const auto isText = [](const Json& value) { return value.is_string(); };
    const bool isGood = json.is_object() && isText(json.value("architecture", Json()))
        && json.value("labels", Json()).is_array() && !json["labels"].empty()
        && json["labels"].size() <= kMostLabels && std::ranges::all_of(json["labels"], isText);
    if (!isGood)
        throw Error(file.string() + " does not say a class and its labels.",
                    "Use the file as it was written.");
    return TaskHead {json["architecture"].get<std::string>(),
                     json["labels"].get<std::vector<std::string>>()};
}

ModelSource openModelFor(const std::filesystem::path& model,
                         const std::vector<std::string>& adapterFolders)
{
    ModelSource source = openModelSource(model);
    for (const std::string& folder : adapterFolders) {
        const auto head = taskHeadIn(folder);
        if (!head)
            continue;
        const ModelTask task = taskFrom(head->architecture);
        const bool fits =
            source.config.task == task && source.config.labels.size() == head->labels.size();
        if (!fits && hasLabels(task))
            source = withTask(source, task, head->labels, 0); // the adapter brings what is drawn
    }
    return source;
}

} // namespace tw
