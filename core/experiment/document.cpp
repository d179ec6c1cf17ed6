// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/document.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>
#include <filesystem>
#include <optional>

namespace tw {
namespace {

constexpr std::size_t kMaxDocumentBytes =
    1'000'000; // documents are a few kilobytes; a wrong file is refused early

/// The fields of each part, once: Writer and Reader both walk them.
template <typename Visitor, typename Part>
void visitFields(Visitor& visit, Part& part)
{
    using T = std::remove_const_t<Part>;
    if constexpr (std::is_same_v<T, PluginChoice>) {
        visit("method", part.method);
        visit("settings", part.settings);
    } else if constexpr (std::is_same_v<T, AdaptationChoice>) {
        visit("method", part.method);
        visit("sites", part.sites);
        visit("settings", part.settings);
        visit("rate", part.rate);
        visit("from", part.from);
    } else if constexpr (std::is_same_v<T, DataPart>) {
        visit("path", part.path);
        visit("roles", part.roles);
        visit("limit", part.limit);
        visit("where", part.where);
    } else if constexpr (std::is_same_v<T, Stage>) {
        visit("name", part.name);
        visit("adapters", part.adapters);
        visit("train", part.train);
        visit("heldOut", part.heldOut);
        visit("layout", part.layout);
        visit("maxLength", part.maxLength);
        visit("adaptations", part.adaptations);
        visit("objective", part.objective);
        visit("optimizer", part.optimizer);
        visit("schedule", part.schedule);
        visit("steps", part.steps);
        visit("batchRows", part.batchRows);
        visit("accumulation", part.accumulation);
        visit("seed", part.seed);
    } else {
        visit("name", part.name);
        visit("model", part.model);
        visit("adapters", part.adapters);
        visit("train", part.train);
        visit("heldOut", part.heldOut);
        visit("heldOutShare", part.heldOutShare);
        visit("general", part.general);
        visit("layout", part.layout);
        visit("system", part.system);
        visit("maxLength", part.maxLength);
        visit("groupByLength", part.groupByLength);
        visit("shuffle", part.shuffle);
        visit("adaptations", part.adaptations);
        visit("objective", part.objective);
        visit("optimizer", part.optimizer);
        visit("schedule", part.schedule);
        visit("steps", part.steps);
        visit("batchRows", part.batchRows);
        visit("accumulation", part.accumulation);
        visit("evaluateEvery", part.evaluateEvery);
        visit("checkpointEvery", part.checkpointEvery);
        visit("keepCheckpoints", part.keepCheckpoints);
        visit("seed", part.seed);
        visit("device", part.device);
        visit("threads", part.threads);
        visit("stages", part.stages);
    }
}

class Writer
{
public:
    template <typename T>
    void operator()(const char* key, const T& value)
    {
        m_json[key] = written(value);
    }
    template <typename T>
    void operator()(const char* key, const std::optional<T>& value)
    {
        if (value)
            m_json[key] = written(*value);
    }
    Json take() { return std::move(m_json); }

    template <typename T>
    static Json written(const T& value)
    {
        if constexpr (std::is_same_v<T, ParamValues>) {
            return toJson(value);
        } else if constexpr (std::is_same_v<T, std::vector<AdaptationChoice>>
                             || std::is_same_v<T, std::vector<Stage>>) {
            Json list = Json::array();
            for (const auto& item : value)
                list.push_back(written(item));
            return list;
        } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
            Json object = Json::object();
            for (const auto& [key, text] : value)
                object[key] = text;
            return object;
        } else if constexpr (std::is_class_v<T> && !std::is_same_v<T, std::string>
                             && !std::is_same_v<T, std::vector<std::string>>) {
            Writer writer;
            visitFields(writer, value);
            return writer.take();
        } else {
            return Json(value);
        }
    }

private:
    Json m_json = Json::object();
};

/// Reads an object field by field; what has the wrong form is noted and keeps its default.
class Reader
{
public:
    Reader(const Json& json, std::string prefix, Problems& problems)
        : m_json(json)
        , m_prefix(std::move(prefix))
        , m_problems(problems)
    {
    }

    template <typename T>
    void operator()(const char* key, T& value)
    {
        m_known.emplace_back(key);
        if (const auto it = m_json.find(key); it != m_json.end())
            read(*it, m_prefix + key, value);
    }

    void noteUnknown()
    {
        for (const auto& [key, value] : m_json.items())
            if (std::find(m_known.begin(), m_known.end(), key) == m_known.end())
                m_problems.push_back({m_prefix + key, "There is no such setting.",
                                      "Known here: " + join(m_known, ", ") + "."});
    }

private:
    void wrong(const std::string& field, const std::string& what)
    {
        m_problems.push_back({field, what, {}});
    }

    void read(const Json& json, const std::string& field, std::string& value)
    {
        if (json.is_string())
            value = json.get<std::string>();
        else
            wrong(field, "Has to be a text.");
    }
    void read(const Json& json, const std::string& field, bool& value)
    {
        if (json.is_boolean())
            value = json.get<bool>();
        else
            wrong(field, "Has to be true or false.");
    }
    void read(const Json& json, const std::string& field, std::int64_t& value)
    {
        const bool isTooLarge = json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX;
        if (json.is_number_integer() && !isTooLarge)
            value = json.get<std::int64_t>();
        else
            wrong(field, "Has to be a whole number.");
    }
    void read(const Json& json, const std::string& field, double& value)
    {
        if (json.is_number())
            value = json.get<double>();
        else
            wrong(field, "Has to be a number.");
    }
    void read(const Json& json, const std::string& field, ParamValues& value)
    {
        if (!json.is_object())
            return wrong(field, "Has to be an object with the settings by name.");
        value.clear();
        for (const auto& [key, item] : json.items()) {
            if (item.is_primitive() && !item.is_null())
                value[key] = paramValueFrom(item, field + "." + key);
            else
                wrong(field + "." + key, "Has to be a number, a text, true or false.");
        }
    }
    void read(const Json& json, const std::string& field, std::map<std::string, std::string>& value)
    {
        if (!json.is_object())
            return wrong(field, "Has to be an object of texts.");
        value.clear();
        for (const auto& [key, item] : json.items())
            read(item, field + "." + key, value[key]);
    }
    template <typename T>
    void read(const Json& json, const std::string& field, std::optional<T>& value)
    {
        read(json, field, value.emplace());
    }
    template <typename T>
    void read(const Json& json, const std::string& field, std::vector<T>& value)
    {
        if (!json.is_array())
            return wrong(field, "Has to be a list.");
        value.clear();
        for (std::size_t i = 0; i < json.size(); ++i)
            read(json[i], field + "[" + std::to_string(i) + "]", value.emplace_back());
    }
    template <typename Part>
    void read(const Json& json, const std::string& field, Part& part)
    {
        if (!json.is_object())
            return wrong(field, "Has to be an object.");
        Reader reader(json, field + ".", m_problems);
        visitFields(reader, part);
        reader.noteUnknown();
    }

    const Json& m_json;
    std::string m_prefix;
    Problems& m_problems;
    std::vector<std::string> m_known;
};

void flatten(const Json& json,
             const std::string& field,
             std::vector<std::pair<std::string, std::string>>& out)
{
    if (json.is_object()) {
        for (const auto& [key, value] : json.items())
            flatten(value, field.empty() ? key : field + "." + key, out);
    } else if (json.is_array()) {
        for (std::size_t i = 0; i < json.size(); ++i)
            flatten(json[i], field + "[" + std::to_string(i) + "]", out);
    } else {
        out.emplace_back(field, json.is_string() ? json.get<std::string>() : json.dump());
    }
}

void makeAbsolute(std::string& path, const std::filesystem::path& folder)
{
    if (!path.empty() && !path.starts_with(kStagePrefix))
        path = (folder / path).lexically_normal().string(); // an absolute path stays what it is
}

void makeAbsolute(std::vector<std::string>& adapters,
                  std::vector<AdaptationChoice>& choices,
                  const std::filesystem::path& folder)
{
    for (std::string& adapter : adapters)
        makeAbsolute(adapter, folder);
    for (AdaptationChoice& choice : choices)
        makeAbsolute(choice.from, folder);
}

} // namespace

std::string toJsonText(const Experiment& experiment)
{
    return Writer::written(experiment).dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

ParsedExperiment parseExperiment(const std::string& jsonText, const std::string& where)
{
    const Json json = parseJson(jsonText, where);
    if (!json.is_object() || (!json.contains("model") && !json.contains("train")))
        throw Error(where + " is not an experiment: it names neither a model nor training data.",
                    "An experiment is a JSON object with \"model\", \"train\" and so on; "
                    "`tunewright-cli sample` makes one.");
    ParsedExperiment parsed;
    Reader reader(json, "", parsed.problems);
    visitFields(reader, parsed.experiment);
    reader.noteUnknown();
    return parsed;
}

ParsedExperiment parseExperimentFile(const std::string& path)
{
    ParsedExperiment parsed = parseExperiment(readFile(path, kMaxDocumentBytes), path);
    const auto folder = std::filesystem::absolute(path).parent_path();
    Experiment& experiment = parsed.experiment;
    makeAbsolute(experiment.model, folder);
    makeAbsolute(experiment.train.path, folder);
    makeAbsolute(experiment.heldOut.path, folder);
    makeAbsolute(experiment.general.path, folder);
    makeAbsolute(experiment.adapters, experiment.adaptations, folder);
    for (Stage& stage : experiment.stages) {
        for (std::optional<DataPart>* part : {&stage.train, &stage.heldOut})
            if (*part)
                makeAbsolute((*part)->path, folder);
        std::vector<std::string> none;
        std::vector<AdaptationChoice> nothing;
        makeAbsolute(stage.adapters ? *stage.adapters : none,
                     stage.adaptations ? *stage.adaptations : nothing, folder);
    }
    return parsed;
}

namespace {

Experiment withoutProblems(ParsedExperiment parsed, const std::string& where)
{
    if (blocks(parsed.problems)) {
        const Problem& first = parsed.problems.front();
        throw Error(where + ": " + first.field + ": " + first.what, first.hint);
    }
    return std::move(parsed.experiment);
}

} // namespace

Experiment experimentFrom(const std::string& jsonText, const std::string& where)
{
    return withoutProblems(parseExperiment(jsonText, where), where);
}

Experiment readExperiment(const std::string& path)
{
    return withoutProblems(parseExperimentFile(path), path);
}

std::vector<FieldDifference> differences(const Experiment& a, const Experiment& b)
{
    std::vector<std::pair<std::string, std::string>> left;
    std::vector<std::pair<std::string, std::string>> right;
    flatten(Writer::written(a), "", left);
    flatten(Writer::written(b), "", right);
    const auto valueIn = [](const auto& list, const std::string& field) {
        const auto it =
            std::find_if(list.begin(), list.end(),
                         [&, &wanted = field](const auto& entry) { return entry.first == wanted; });
        return it == list.end() ? std::string() : it->second;
    };
    std::vector<FieldDifference> out;
    for (const auto& [field, value] : left)
        if (const std::string other = valueIn(right, field); other != value)
            out.push_back({field, value, other});
    for (const auto& [field, value] : right) // fields that only b has, such as a second adaptation
        if (std::none_of(left.begin(), left.end(),
                         [&, &wanted = field](const auto& entry) { return entry.first == wanted; }))
            out.push_back({field, {}, value});
    return out;
}

} // namespace tw
