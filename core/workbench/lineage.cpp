// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/lineage.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/workbench/project.h"
#include "core/workbench/workspace_state.h"

#include <algorithm>
#include <map>
#include <optional>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNoteFile = "tunewright.json";
constexpr std::size_t kLargestNote = 1 << 20; // bytes; PEFT's lists of modules can be long

/// One way to write a path, so that two mentions of a file meet.
std::string placeOf(const std::string& path)
{
    std::error_code code;
    const fs::path absolute = fs::absolute(path, code);
    std::string place = (code ? fs::path(path) : absolute).lexically_normal().string();
    if (place.size() > 1 && place.back() == fs::path::preferred_separator)
        place.pop_back();
    return place;
}

bool isThere(const std::string& path)
{
    std::error_code code;
    return fs::exists(path, code);
}

std::string nameOf(const std::string& path)
{
    const std::string name = fs::path(path).filename().string();
    return name.empty() ? path : name;
}

/// Nothing where the file is missing or cannot be read: lineage shows what there is.
std::optional<Json> noteAt(const fs::path& file)
{
    try {
        if (!isThere(file.string()))
            return std::nullopt;
        Json note = readJsonFile(file, kLargestNote);
        return note.is_object() ? std::optional(std::move(note)) : std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::string textOf(const Json& note, const char* key)
{
    const auto it = note.find(key);
    return it != note.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// Of a model file the folder it lies in: merging to GGUF leaves its note beside the file.
fs::path folderOf(const std::string& place)
{
    std::error_code code;
    return fs::is_directory(place, code) ? fs::path(place) : fs::path(place).parent_path();
}

/// Empty where the run's document is damaged: it shows, but comes from nowhere.
std::string modelOf(const Project& project, std::int64_t run)
{
    try {
        return project.experimentOf(run).model;
    } catch (const Error&) {
        return {};
    }
}

class Graph
{
public:
    explicit Graph(const Project& project)
    {
        for (const std::string& model : project.models())
            addPlace(placeOf(model));
        for (const RunSummary& run : project.runs())
            addRun(run, modelOf(project, run.id));
    }

    /// Those that hang together with the one at a place, parents first.
    std::vector<LineageNode> around(const std::string& place)
    {
        const std::vector<bool> isRelated = relativesOf(addPlace(place));
        std::vector<LineageNode> related;
        std::map<std::size_t, std::size_t> moved; // from m_nodes to related
        while (true) {
            const std::size_t before = related.size();
            for (std::size_t i = 0; i < m_nodes.size(); ++i)
                if (isRelated[i] && !moved.contains(i) && isReady(m_nodes[i], moved)) {
                    moved[i] = related.size();
                    related.push_back(m_nodes[i]);
                    for (std::size_t& parent : related.back().parents)
                        parent = moved.at(parent);
                }
            if (related.size() == before)
                return related; // what names itself as its own origin is left out
        }
    }

private:
    static bool isReady(const LineageNode& node, const std::map<std::size_t, std::size_t>& moved)
    {
        return std::all_of(node.parents.begin(), node.parents.end(),
                           [&](std::size_t parent) { return moved.contains(parent); });
    }

    std::size_t add(LineageNode node)
    {
        m_nodes.push_back(std::move(node));
        return m_nodes.size() - 1;
    }

    void join(std::size_t child, std::size_t parent)
    {
        auto& parents = m_nodes[child].parents;
        if (child != parent && std::find(parents.begin(), parents.end(), parent) == parents.end())
            parents.push_back(parent);
    }

    /// A model or adapter on disk, with all that its files say it was made of.
    std::size_t addPlace(const std::string& place)
    {
        if (const auto known = m_byPlace.find(place); known != m_byPlace.end())
            return known->second;
        LineageNode named;
        named.title = nameOf(place);
        named.path = place;
        const std::size_t node = add(std::move(named));
        m_byPlace[place] = node; // first: a circle of notes ends here
        m_nodes[node].isThere = isThere(place);
        if (const auto config = noteAt(fs::path(place) / "adapter_config.json")) {
            m_nodes[node].kind = LineageNode::Kind::Adapter;
            const std::string own = textOf(*config, "method"); // of Tunewright's own format
            m_nodes[node].detail = own.empty() ? textOf(*config, "peft_type") : own;
            if (const std::string base = textOf(*config, "base_model_name_or_path"); !base.empty())
                join(node, addPlace(isThere(base) ? placeOf(base) : base));
        } else if (const auto note = noteAt(folderOf(place) / kNoteFile)) {
            m_nodes[node].kind = LineageNode::Kind::Merged;
            m_nodes[node].detail = textOf(*note, "stored_as");
            addOrigins(node, *note);
        }
        return node;
    }

    void addOrigins(std::size_t node, const Json& note)
    {
        const auto adapters = note.find("adapters");
        if (adapters != note.end() && adapters->is_array())
            for (const Json& adapter : *adapters)
                if (adapter.is_string())
                    join(node, addPlace(placeOf(adapter.get<std::string>())));
        if (const std::string base = textOf(note, "base_model"); !base.empty()) {
            const std::size_t origin = addPlace(placeOf(base));
            if (!leadsTo(node, origin)) // mostly its adapter does
                join(node, origin);
        }
    }

    bool leadsTo(std::size_t node, std::size_t ancestor) const
    {
        std::vector<bool> isSeen(m_nodes.size());
        std::vector<std::size_t> open {node};
        while (!open.empty()) {
            const std::size_t next = open.back();
            open.pop_back();
            if (next == ancestor)
                return true;
            if (isSeen[next])
                continue;
            isSeen[next] = true;
            open.insert(open.end(), m_nodes[next].parents.begin(), m_nodes[next].parents.end());
        }
        return false;
    }

    void addRun(const RunSummary& run, const std::string& model)
    {
        LineageNode begun;
        begun.kind = LineageNode::Kind::Run;
        begun.title = run.name;
        begun.detail = run.methodTitle;
        begun.run = run.id;
        const std::size_t node = add(std::move(begun));
        if (!model.empty())
            join(node, addPlace(placeOf(model)));
        if (run.adapter.empty())
            return;
        const std::size_t adapter = addPlace(placeOf(run.adapter));
        m_nodes[adapter].kind = LineageNode::Kind::Adapter;
        m_nodes[adapter].title = run.name; // its folder is named as those of all runs
        m_nodes[adapter].detail = run.methodTitle;
        m_nodes[adapter].parents = {node}; // and through the run, the base
    }

    std::vector<bool> relativesOf(std::size_t node) const
    {
        std::vector<std::vector<std::size_t>> neighbours(m_nodes.size());
        for (std::size_t child = 0; child < m_nodes.size(); ++child)
            for (const std::size_t parent : m_nodes[child].parents) {
                neighbours[child].push_back(parent);
                neighbours[parent].push_back(child);
            }
        std::vector<bool> isRelated(m_nodes.size());
        std::vector<std::size_t> open {node};
        while (!open.empty()) {
            const std::size_t next = open.back();
            open.pop_back();
            if (isRelated[next])
                continue;
            isRelated[next] = true;
            open.insert(open.end(), neighbours[next].begin(), neighbours[next].end());
        }
        return isRelated;
    }

    std::vector<LineageNode> m_nodes;
    std::map<std::string, std::size_t> m_byPlace;
};

} // namespace

std::vector<LineageNode> lineageOf(const Project& project, const std::string& path)
{
    return Graph(project).around(placeOf(path));
}

void writeLineageNote(const fs::path& folder, const ModelRef& madeOf, const std::string& storedType)
{
    Json note;
    note["base_model"] = placeOf(madeOf.model);
    note["adapters"] = Json::array();
    for (const std::string& adapter : adaptersOf(madeOf))
        note["adapters"].push_back(placeOf(adapter));
    if (!storedType.empty())
        note["stored_as"] = storedType;
    writeFile(folder / kNoteFile, note.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

} // namespace tw
