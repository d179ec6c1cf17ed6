// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"

#include "core/data/registry.h"

#include <array>
#include <fstream>

namespace tw {
namespace {

struct RoleName
{
    Role role;
    const char* id;
};

constexpr std::array kRoles {
    RoleName {Role::Ignore, "ignore"},     RoleName {Role::Prompt, "prompt"},
    RoleName {Role::Answer, "answer"},     RoleName {Role::System, "system"},
    RoleName {Role::Text, "text"},         RoleName {Role::TextPair, "text_pair"},
    RoleName {Role::Words, "words"},       RoleName {Role::Messages, "messages"},
    RoleName {Role::Label, "label"},       RoleName {Role::Weights, "weights"},
    RoleName {Role::Ids, "ids"},           RoleName {Role::Chosen, "chosen"},
    RoleName {Role::Rejected, "rejected"}, RoleName {Role::Tools, "tools"},
    RoleName {Role::Image, "image"},       RoleName {Role::Audio, "audio"},
};

std::shared_ptr<const Dataset> openSource(std::shared_ptr<const SourceText> source)
{
    const DataReader* best = nullptr;
    Fit bestFit = Fit::No;
    for (const auto& reader : dataReaders().all()) {
        const Fit fit = reader->fit == nullptr ? Fit::No : reader->fit(*source);
        if (fit > bestFit) {
            bestFit = fit;
            best = reader.get();
        }
    }
    if (best == nullptr)
        throw Error(
            source->name() + " is no data set that can be read.",
            "Data sets are CSV, TSV, JSON, JSON Lines or plain text as UTF-8, Parquet, Arrow, "
            "or a folder of images or sounds.");
    return best->open(std::move(source));
}

} // namespace

const char* roleId(Role role)
{
    for (const RoleName& name : kRoles) {
        if (name.role == role)
            return name.id;
    }
    return "ignore";
}

Role roleFrom(const std::string& id)
{
    std::string known;
    for (const RoleName& name : kRoles) {
        if (name.id == id)
            return name.role;
        known += (known.empty() ? "" : ", ") + std::string(name.id);
    }
    throw Error("There is no column role \"" + id + "\".", "Known: " + known + ".");
}

DataPath::DataPath(std::filesystem::path given)
    : path(std::move(given))
{
    constexpr std::size_t kHead = 4096;
    std::error_code error;
    isFolder = std::filesystem::is_directory(path, error);
    if (isFolder || !std::filesystem::is_regular_file(path, error))
        return;
    head.resize(kHead);
    std::ifstream file(path, std::ios::binary);
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(file.gcount()));
}

namespace {

const DataReader* readerOf(const DataPath& path)
{
    for (const auto& reader : dataReaders().all()) {
        if (reader->isFor != nullptr && reader->isFor(path))
            return reader.get();
    }
    return nullptr;
}

} // namespace

bool isForeignDataset(const std::filesystem::path& path)
{
    return readerOf(DataPath(path)) != nullptr;
}

std::shared_ptr<const Dataset> openDataset(const std::filesystem::path& path)
{
    if (const DataReader* reader = readerOf(DataPath(path)))
        return reader->openPath(path);
    return openSource(std::make_shared<SourceText>(path));
}

std::shared_ptr<const Dataset> datasetFromText(std::string text, const std::string& name)
{
    return openSource(std::make_shared<SourceText>(std::move(text), name));
}

} // namespace tw
