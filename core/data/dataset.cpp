// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"

#include "core/data/registry.h"

#include <array>

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
    RoleName {Role::Text, "text"},         RoleName {Role::Messages, "messages"},
    RoleName {Role::Label, "label"},       RoleName {Role::Chosen, "chosen"},
    RoleName {Role::Rejected, "rejected"},
};

std::shared_ptr<const Dataset> openSource(std::shared_ptr<const SourceText> source)
{
    const DataReader* best = nullptr;
    Fit bestFit = Fit::No;
    for (const auto& reader : dataReaders().all()) {
        const Fit fit = reader->fit(*source);
        if (fit > bestFit) {
            bestFit = fit;
            best = reader.get();
        }
    }
    if (best == nullptr)
        throw Error(source->name() + " is no data set that can be read.",
                    "Data sets are CSV, TSV, JSON, JSON Lines or plain text, as UTF-8.");
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

std::shared_ptr<const Dataset> openDataset(const std::filesystem::path& path)
{
    return openSource(std::make_shared<SourceText>(path));
}

std::shared_ptr<const Dataset> datasetFromText(std::string text, const std::string& name)
{
    return openSource(std::make_shared<SourceText>(std::move(text), name));
}

} // namespace tw
