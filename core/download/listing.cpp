// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/download/http.h"
#include "core/download/repository.h"

#include <algorithm>
#include <fnmatch.h>

namespace tw {
namespace {

constexpr std::size_t kMostListingBytes = 64 << 20; // a repository of 100,000 files
constexpr std::int64_t kMostFileBytes = std::int64_t(1) << 44;

void checkName(const std::string& repository)
{
    const auto parts = split(repository, '/');
    const bool isPath = parts.size() >= 1 && parts.size() <= 2
        && std::none_of(parts.begin(), parts.end(), [](const std::string& part) {
                            return part.empty() || part == "." || part == "..";
                        });
    if (!isPath)
        throw Error("\"" + repository + "\" is not the name of a model.",
                    "Write owner/name, e.g. HuggingFaceTB/SmolLM2-135M-Instruct.");
}

/// Names become paths on this machine.
void checkFileName(const std::string& name, const std::string& repository)
{
    bool isSafe = !name.empty() && name.front() != '/' && name.find('\\') == std::string::npos
        && name.find('\0') == std::string::npos && name.find(':') == std::string::npos;
    for (const std::string& part : split(name, '/'))
        isSafe = isSafe && !part.empty() && part != "." && part != "..";
    if (!isSafe)
        throw Error(repository + " lists a file called \"" + name
                        + "\", which would lead out of its folder.",
                    "Do not trust this server or model; nothing was fetched.");
}

std::string textAt(const Json& json, const char* key)
{
    const auto it = json.find(key);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::int64_t sizeAt(const Json& json, const std::string& name)
{
    const auto it = json.find("size");
    if (it == json.end() || !it->is_number_integer() || it->get<std::int64_t>() < 0
        || it->get<std::int64_t>() > kMostFileBytes)
        throw Error("The server does not say how large " + name + " is.",
                    "Is it a server that speaks as huggingface.co does?");
    return it->get<std::int64_t>();
}

RepositoryFile fileFrom(const Json& json, const std::string& repository)
{
    RepositoryFile file;
    file.name = textAt(json, "rfilename");
    checkFileName(file.name, repository);
    file.bytes = sizeAt(json, file.name);
    file.gitHash = textAt(json, "blobId");
    if (const auto lfs = json.find("lfs"); lfs != json.end() && lfs->is_object()) {
        file.sha256 = textAt(*lfs, "sha256");
        file.gitHash.clear(); // that of the pointer, not of the file
    }
    return file;
}

bool endsWithAny(const std::string& name, std::initializer_list<const char*> endings)
{
    return std::any_of(endings.begin(), endings.end(),
                       [&](const char* ending) { return name.ends_with(ending); });
}

/// Weights in safetensors, else PyTorch's, else the only GGUF file: the first that there are.
std::vector<RepositoryFile> weightsAmong(const std::vector<RepositoryFile>& files)
{
    const auto all = [&](std::initializer_list<const char*> endings) {
        std::vector<RepositoryFile> found;
        for (const RepositoryFile& file : files)
            if (file.name.find('/') == std::string::npos && endsWithAny(file.name, endings))
                found.push_back(file);
        return found;
    };
    for (const auto& found : {all({".safetensors"}), all({".bin", ".pt", ".pth"})})
        if (!found.empty())
            return found;
    std::vector<RepositoryFile> gguf = all({".gguf"});
    if (gguf.size() > 1) {
        std::string names;
        for (const RepositoryFile& file : gguf)
            names += (names.empty() ? "" : ", ") + file.name;
        throw Error("The model is there in several GGUF files: " + names + ".",
                    "Say which one, e.g. --files \"" + gguf.front().name + "\".");
    }
    return gguf;
}

} // namespace

RepositoryListing listRepository(const RepositoryAddress& address, JobControl& control)
{
    checkName(address.name);
    const std::string url = address.endpoint + "/api/models/" + escapedPath(address.name)
        + "/revision/" + escapedName(address.revision) + "?blobs=true";
    const auto pulse = [&] {
        control.throwIfCancelled();
        return true;
    };
    const Json json = parseJson(HttpClient(address.token).text(url, kMostListingBytes, pulse), url);
    const auto siblings = json.is_object() ? json.find("siblings") : json.end();
    if (siblings == json.end() || !siblings->is_array())
        throw Error(url + " answers, but not with a list of files.",
                    "Is it the address of a server that speaks as huggingface.co does?");
    RepositoryListing listing;
    listing.commit = textAt(json, "sha");
    if (listing.commit.empty())
        listing.commit = address.revision;
    for (const Json& sibling : *siblings)
        if (sibling.is_object())
            listing.files.push_back(fileFrom(sibling, address.name));
    return listing;
}

std::vector<RepositoryFile> chosenFiles(const RepositoryListing& listing,
                                        const std::vector<std::string>& patterns)
{
    std::vector<RepositoryFile> chosen;
    if (!patterns.empty()) {
        for (const RepositoryFile& file : listing.files)
            if (std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) {
                    return fnmatch(p.c_str(), file.name.c_str(), 0) == 0;
                }))
                chosen.push_back(file);
    } else {
        chosen = weightsAmong(listing.files);
        for (const RepositoryFile& file : listing.files) {
            const bool isAtTop = file.name.find('/') == std::string::npos;
            const bool isText = endsWithAny(file.name, {".json", ".txt", ".model", ".jinja"})
                || file.name == "LICENSE" || file.name == "README.md";
            if ((isAtTop && isText) || file.name.starts_with("additional_chat_templates/"))
                chosen.push_back(file);
        }
    }
    if (chosen.empty())
        throw Error(patterns.empty() ? "There is nothing to open in this repository."
                                     : "No file of the repository has such a name.",
                    "It holds " + std::to_string(listing.files.size())
                        + " files; say which ones with --files, e.g. --files \"*.gguf\".");
    // Small ones first: a model that cannot be opened is known before its weights are here.
    std::stable_sort(chosen.begin(), chosen.end(),
                     [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
    return chosen;
}

} // namespace tw
