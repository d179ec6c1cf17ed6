// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/adapter_reader.h"
#include "core/adaptation/own_method.h"
#include "core/adaptation/task_head.h"
#include "core/base/atomic_file.h"
#include "core/base/text.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

constexpr const char* kTensorFile = "adapter_model.safetensors";
constexpr const char* kOldTensorFile = "adapter_model.bin"; // PEFT before 0.6; read as data only
constexpr std::size_t kLargestConfig = std::size_t {16}
    << 20U; // with target_modules spelled out for a huge model: 1 MB

std::filesystem::path tensorsIn(const std::filesystem::path& folder)
{
    for (const char* name : {kTensorFile, kOldTensorFile})
        if (std::filesystem::exists(folder / name))
            return folder / name;
    throw Error(folder.string() + " holds neither " + kTensorFile + " nor " + kOldTensorFile + ".",
                "The adapter is incomplete: fetch all of its files again.");
}

const AdapterReader& methodOf(const Json& config, const std::filesystem::path& file)
{
    const auto type = config.find("peft_type");
    if (type == config.end() || !type->is_string())
        throw Error(file.string() + " does not say its peft_type.",
                    "Check whether this is the folder of a PEFT adapter.");
    std::string known;
    for (const auto& method : adapterReaders().all()) {
        if (method->peftType == type->get<std::string>())
            return *method;
        known += (known.empty() ? "" : ", ") + method->peftType;
    }
    throw Error(file.string() + " is an adapter of type " + type->get<std::string>()
                    + ", which Tunewright cannot read.",
                "It reads: " + known + ".");
}

bool isOwn(const Json& config)
{
    const auto type = config.find("peft_type");
    return type != config.end() && *type == kOwnPeftType;
}

std::unique_ptr<Adapter>
attachOwnFolder(Model& model, const std::filesystem::path& folder, const std::string& configText)
{
    const OwnConfig config = ownConfigFrom(configText, (folder / kPeftConfigFile).string());
    if (config.parts == 0)
        return attachOwn(model, config, *openTensorFile(tensorsIn(folder)));
    std::vector<std::unique_ptr<Adapter>> parts;
    try {
        for (std::size_t i = 0; i < config.parts; ++i)
            parts.push_back(attachAdapter(model, partFolder(folder, i)));
    } catch (...) {
        while (!parts.empty()) // what lies on top goes first
            parts.pop_back();
        throw;
    }
    return together(std::move(parts));
}

/// The tensors of an adapter that is no team, as its file names them.
NamedTensors storedTensors(const Adapter& adapter)
{
    NamedTensors tensors;
    const NamedTensors others = adapter.written();
    for (const auto& [name, tensor] : others.empty() ? adapter.parameters() : others)
        tensors.emplace_back(storedName(name), tensor.detach().contiguous());
    for (const auto& [name, tensor] : adapter.frozen())
        tensors.emplace_back(name, tensor.contiguous());
    return tensors;
}

} // namespace

std::unique_ptr<Adapter> attachAdapter(Model& model, const std::filesystem::path& folder)
{
    const auto file = folder / kPeftConfigFile;
    if (!std::filesystem::exists(file))
        throw Error(folder.string() + " holds no " + kPeftConfigFile + ".",
                    "Choose the folder of a PEFT adapter.");
    const std::string config = readFile(file, kLargestConfig);
    const Json json = parseJson(config, file.string());
    if (isOwn(json))
        return attachOwnFolder(model, folder, config);
    const AdapterReader& method = methodOf(json, file);
    return attachStored(method, model, config, *openTensorFile(tensorsIn(folder)));
}

std::vector<at::Tensor> readAdapterTensors(const Adapter& adapter,
                                           const std::filesystem::path& folder)
{
    std::vector<at::Tensor> values;
    const std::vector<const Adapter*> parts = adapter.parts();
    for (std::size_t i = 0; i < parts.size(); ++i)
        for (at::Tensor& value : readAdapterTensors(*parts[i], partFolder(folder, i)))
            values.push_back(std::move(value));
    if (!parts.empty())
        return values;
    const auto file = openTensorFile(folder / kTensorFile);
    for (const auto& [name, parameter] : adapter.parameters()) {
        const std::string stored = storedName(name);
        const TensorInfo* info = file->find(stored);
        if (info == nullptr || info->shape != parameter.sizes().vec())
            throw Error((folder / kTensorFile).string() + " does not belong to this adapter ("
                            + name + ").",
                        "Go on with the experiment that wrote it.");
        values.push_back(file->readFloat(stored));
    }
    return values;
}

namespace {

void writeParts(const std::vector<const Adapter*>& parts,
                const std::string& baseModelName,
                const std::filesystem::path& folder)
{
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::filesystem::create_directory(partFolder(folder, i));
        writeAdapterFiles(*parts[i], baseModelName, partFolder(folder, i));
    }
    writeFile(folder / kPeftConfigFile, partsConfig(parts.size(), baseModelName));
    for (const Adapter* part : parts)
        if (const auto head = taskHeadOf(*part))
            writeFile(folder / kTaskHeadFile, taskHeadText(*head));
}

} // namespace

void writeAdapterFiles(const Adapter& adapter,
                       const std::string& baseModelName,
                       const std::filesystem::path& folder)
{
    if (const auto parts = adapter.parts(); !parts.empty())
        return writeParts(parts, baseModelName, folder);
    writeSafetensors(folder / kTensorFile, storedTensors(adapter), {{"format", "pt"}});
    writeFile(folder / kPeftConfigFile, adapter.peftConfig(baseModelName));
    if (const auto head = taskHeadOf(adapter))
        writeFile(folder / kTaskHeadFile, taskHeadText(*head));
}

void writeAdapters(const std::vector<const Adapter*>& adapters,
                   const std::string& baseModelName,
                   const std::filesystem::path& folder)
{
    if (adapters.size() == 1)
        return writeAdapter(*adapters.front(), baseModelName, folder);
    writeFolder(folder, [&](const std::filesystem::path& temporary) {
        writeParts(adapters, baseModelName, temporary);
    });
}

void writeAdapter(const Adapter& adapter,
                  const std::string& baseModelName,
                  const std::filesystem::path& folder)
{
    writeFolder(folder, [&](const std::filesystem::path& temporary) {
        writeAdapterFiles(adapter, baseModelName, temporary);
    });
}

} // namespace tw
