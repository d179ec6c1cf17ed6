// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/layer_checks.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

namespace tw {
namespace {

namespace fs = std::filesystem;

/// Lowest first: a room includes only itself and the rooms before it.
constexpr std::array kRooms {"base",       "job",        "download",   "report",     "store",
                             "tensorfile", "tokenizer",  "jinja",      "media",      "data",
                             "model",      "evaluation", "curation",   "adaptation", "objective",
                             "train",      "analysis",   "experiment", "workbench"};
/// What the window, the widgets and the command line may see of core.
constexpr std::array kOpenRooms {"base", "job", "workbench"};

struct Include
{
    fs::path file; ///< relative to the source tree
    std::size_t line = 0;
    std::string target; ///< as written between quotes or brackets
};

std::vector<Include> includesUnder(const char* folder)
{
    static const std::regex pattern(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
    std::vector<Include> includes;
    const fs::path root(TW_SOURCE);
    if (!fs::is_directory(root / folder))
        throw Error(std::string("There is no folder ") + folder + " to walk.");
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
        const std::string extension = entry.path().extension().string();
        if (extension != ".h" && extension != ".cpp")
            continue;
        const auto lines = split(readFile(entry.path(), std::size_t {16} << 20U), '\n');
        for (std::size_t i = 0; i < lines.size(); ++i) {
            std::smatch match;
            if (std::regex_search(lines[i], match, pattern))
                includes.push_back({fs::relative(entry.path(), root), i + 1, match[1]});
        }
    }
    return includes;
}

std::string place(const Include& include)
{
    return include.file.string() + ":" + std::to_string(include.line) + " includes "
        + include.target;
}

bool startsWith(const std::string& text, std::string_view head)
{
    return text.compare(0, head.size(), head) == 0;
}

/// Height of the room that a path of core lies in; -1: not in core.
int heightOf(const std::string& path)
{
    const auto parts = split(path, '/');
    if (parts.size() < 3 || parts[0] != "core")
        return -1;
    const auto room = std::find(kRooms.begin(), kRooms.end(), parts[1]);
    return room == kRooms.end() ? -1 : static_cast<int>(room - kRooms.begin());
}

bool isQt(const std::string& target)
{
    return target.size() > 1 && target[0] == 'Q'
        && std::isupper(static_cast<unsigned char>(target[1])) != 0;
}

bool isLibTorch(const std::string& target)
{
    return startsWith(target, "torch/") || startsWith(target, "ATen/")
        || startsWith(target, "c10/");
}

template <typename IsWrong>
std::string firstOffence(std::initializer_list<const char*> folders, IsWrong isWrong)
{
    for (const char* folder : folders)
        for (const auto& include : includesUnder(folder))
            if (isWrong(include))
                return place(include);
    return {};
}

std::string everyRoomIsInTheList()
{
    for (const auto& entry : fs::directory_iterator(fs::path(TW_SOURCE) / "core"))
        if (entry.is_directory() && heightOf("core/" + entry.path().filename().string() + "/x") < 0)
            return "core/" + entry.path().filename().string()
                + " has no place in the order of rooms";
    return {};
}

std::string coreIncludesOnlyDownwards()
{
    return firstOffence({"core"}, [](const Include& include) {
        if (startsWith(include.target, "widgets/") || startsWith(include.target, "app/"))
            return true;
        return heightOf(include.target) > heightOf(include.file.generic_string());
    });
}

std::string coreKnowsNoQt()
{
    return firstOffence({"core", "app/cli"},
                        [](const Include& include) { return isQt(include.target); });
}

std::string onlyCoreKnowsLibTorch()
{
    return firstOffence({"widgets", "app"},
                        [](const Include& include) { return isLibTorch(include.target); });
}

std::string programsSeeOnlyTheOpenRooms()
{
    return firstOffence({"widgets", "app"}, [](const Include& include) {
        const auto parts = split(include.target, '/');
        return parts.size() > 2 && parts[0] == "core"
            && std::find(kOpenRooms.begin(), kOpenRooms.end(), parts[1]) == kOpenRooms.end();
    });
}

std::string widgetsDoNotKnowThePrograms()
{
    return firstOffence({"widgets"},
                        [](const Include& include) { return startsWith(include.target, "app/"); });
}

/// Includes of every file of core, widgets and app, by its path.
std::map<std::string, std::vector<Include>> includesByFile()
{
    std::map<std::string, std::vector<Include>> all;
    for (const char* folder : {"core", "widgets", "app"})
        for (const Include& include : includesUnder(folder))
            all[include.file.generic_string()].push_back(include);
    return all;
}

/// The first include of LibTorch or the JSON library among all that `file` reaches, however far.
std::string libraryReachedFrom(const std::string& file,
                               const std::map<std::string, std::vector<Include>>& includes)
{
    const bool mayUseJson = startsWith(file, "app/cli/"); // as json.h says
    std::set<std::string> seen {file};
    std::vector<std::string> waiting {file};
    while (!waiting.empty()) {
        const auto found = includes.find(waiting.back());
        waiting.pop_back();
        if (found == includes.end())
            continue;
        for (const Include& include : found->second) {
            if (isLibTorch(include.target)
                || (startsWith(include.target, "nlohmann") && !mayUseJson))
                return file + " reaches " + place(include);
            if (seen.insert(include.target).second)
                waiting.push_back(include.target);
        }
    }
    return {};
}

std::string whatProgramsIncludeHasNoLibraries()
{
    const auto includes = includesByFile();
    for (const auto& [file, own] : includes)
        if (startsWith(file, "widgets/") || startsWith(file, "app/"))
            if (std::string offence = libraryReachedFrom(file, includes); !offence.empty())
                return offence;
    return {};
}

std::string theWalkFollowsHeaders()
{
    // This header of core is not for programs: it holds models.
    return libraryReachedFrom("core/workbench/workspace_state.h", includesByFile()).empty()
        ? "LibTorch behind core/workbench/workspace_state.h was not found"
        : "";
}

std::string publicHeadersDoNotLeakJson()
{
    return firstOffence({"core"}, [](const Include& include) {
        return include.file.extension() == ".h" && include.target == "core/base/json.h"
            && heightOf(include.file.generic_string()) == static_cast<int>(kRooms.size()) - 1;
    });
}

} // namespace

const Checks& layerChecks()
{
    static const Checks checks {
        {"every room of core has its place", everyRoomIsInTheList},
        {"core includes only downwards", coreIncludesOnlyDownwards},
        {"core and the command line know no Qt", coreKnowsNoQt},
        {"only core knows LibTorch", onlyCoreKnowsLibTorch},
        {"programs see only the open rooms of core", programsSeeOnlyTheOpenRooms},
        {"widgets do not know the programs", widgetsDoNotKnowThePrograms},
        {"what programs include, however far, has no LibTorch and no JSON library",
         whatProgramsIncludeHasNoLibraries},
        {"the walk over includes follows headers", theWalkFollowsHeaders},
        {"workbench headers do not include JSON", publicHeadersDoNotLeakJson},
    };
    return checks;
}

} // namespace tw
