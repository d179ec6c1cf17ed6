// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/model/registry.h"
#include "core/model/transformer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

namespace tw {
namespace {

constexpr std::size_t kMostConfigBytes = 16 << 20; // Transformers' largest are some hundred KB

std::string supportedFamilies()
{
    std::string all;
    for (const auto& family : modelFamilies().all())
        all += (all.empty() ? "" : "; ") + family->title;
    return all;
}

const ModelFamily& familyOf(const std::string& architecture, const std::string& where)
{
    for (const auto& family : modelFamilies().all())
        if (family->reads(architecture))
            return *family;
    throw Error(where + ": models of the kind \"" + architecture + "\" are not supported.",
                "Supported are: " + supportedFamilies()
                    + ". Choose a model of one of these families.");
}

std::string architectureOf(const Json& config, const std::string& where)
{
    const auto it = config.is_object() ? config.find("architectures") : config.end();
    if (it == config.end() || !it->is_array() || it->empty() || !it->front().is_string())
        throw Error(where + ": the file does not say which architecture the model has.",
                    "The key \"architectures\" is missing; fetch config.json again from where the "
                    "model came from.");
    return it->front().get<std::string>();
}

void readFolderConfig(ModelSource& source, const std::filesystem::path& file)
{
    source.configText = readFile(file, kMostConfigBytes);
    const std::string architecture =
        architectureOf(parseJson(source.configText, file.string()), file.string());
    source.family = &familyOf(architecture, file.string());
    try {
        source.config = source.family->configFromJson(source.configText);
    } catch (const Error& error) {
        throw Error(file.string() + ": " + error.what(), error.hint());
    }
}

void readGgufConfig(ModelSource& source)
{
    const auto& metadata = source.tensors->metadata();
    source.isGguf = true;
    source.configText = Json(metadata).dump();
    source.family = &familyOf(metadata.at("general.architecture"), source.path.string());
    if (!source.family->configFromGguf)
        throw Error(source.path.string() + ": models of this family are not read from GGUF files.",
                    "Choose its folder from Hugging Face.");
    try {
        source.config = source.family->configFromGguf(*source.tensors);
    } catch (const Error& error) {
        throw Error(source.path.string() + ": " + error.what(), error.hint());
    }
}

/// The stored type that holds most bytes of the model.
std::string mainDtype(const TensorFile& file)
{
    std::map<std::string, std::uint64_t> bytes;
    for (const TensorInfo& info : file.tensors())
        bytes[info.dtype] += info.bytes;
    const auto most = std::max_element(bytes.begin(), bytes.end(),
                                       [](auto& a, auto& b) { return a.second < b.second; });
    return most == bytes.end() ? std::string() : most->first;
}

std::string shapeText(const std::vector<std::int64_t>& shape)
{
    std::string text;
    for (const std::int64_t size : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(size);
    return text;
}

std::vector<WeightInfo> wantedBy(const ModelSource& source)
{
    try {
        return source.weightInfos();
    } catch (const Error& error) {
        throw Error(source.path.string() + ": " + error.what(), error.hint());
    }
}

/// In Hugging Face's layout; the stored one where it cannot be brought into that.
std::vector<std::int64_t>
shapeOf(const ModelSource& source, const std::string& name, const TensorInfo& info)
{
    if (!source.isGguf || !source.family->fromGguf)
        return info.shape;
    const at::Tensor shape = at::empty(info.shape, at::TensorOptions(at::kMeta).dtype(at::kFloat));
    try {
        return source.family->fromGguf(name, shape, source.config).sizes().vec();
    } catch (const c10::Error&) { // rows that do not divide into the config's heads
        return info.shape;
    }
}

void checkWeights(const ModelSource& source)
{
    for (const WeightInfo& wanted : wantedBy(source)) {
        const std::string stored = source.storedName(wanted.name);
        const TensorInfo* info = source.tensors->find(stored);
        if (info == nullptr)
            throw Error(source.path.string() + ": the weight \"" + stored + "\" is missing.",
                        "The model is incomplete or its config belongs to another one; fetch all "
                        "of its files again.");
        if (const auto shape = shapeOf(source, wanted.name, *info); shape != wanted.shape)
            throw Error(source.path.string() + ": the weight \"" + stored + "\" is "
                            + shapeText(shape) + ", its config asks for " + shapeText(wanted.shape)
                            + ".",
                        "The config belongs to another model; fetch both again from one place.");
    }
}

/// The folder whose config.json describes the model, or an empty path.
std::filesystem::path configFile(const std::filesystem::path& path)
{
    const auto folder = std::filesystem::is_directory(path) ? path : path.parent_path();
    const auto file = folder / "config.json";
    return std::filesystem::is_regular_file(file) ? file : std::filesystem::path();
}

/// Where a file keeps a weight: under its name, without the prefix of the base model, with it, or
/// as old files spell it.
std::vector<std::string> spellings(const ModelFamily& family, const std::string& name)
{
    std::vector<std::string> all {name};
    if (!family.prefix.empty())
        all.push_back(name.starts_with(family.prefix) ? name.substr(family.prefix.size())
                                                      : family.prefix + name);
    if (family.otherName)
        for (std::size_t i = 0, count = all.size(); i < count; ++i)
            all.push_back(family.otherName(all[i]));
    return all;
}

std::unique_ptr<Model> textModel(const ModelSource& source, WeightSource& weights)
{
    const ModelFamily& family = *source.family;
    if (family.makeHead)
        return std::make_unique<Transformer>(source.config, source.names(), weights,
                                             family.makeHead);
    return std::make_unique<Transformer>(
        source.config, source.names(), weights,
        [&](const ModelConfig& config, const HeadParts& parts, WeightSource& from) {
            return decoderHead(config, family.heads, parts, from);
        });
}

} // namespace

std::string ModelSource::storedName(const std::string& huggingFaceName) const
{
    if (isGguf)
        return family->ggufName(huggingFaceName, config);
    if (tensors != nullptr)
        for (const std::string& name : spellings(*family, huggingFaceName))
            if (tensors->find(name) != nullptr)
                return name;
    return huggingFaceName;
}

bool ModelSource::has(const std::string& huggingFaceName) const
{
    return tensors != nullptr && tensors->find(storedName(huggingFaceName)) != nullptr;
}

at::Tensor ModelSource::weight(const std::string& huggingFaceName) const
{
    at::Tensor read = tensors->readFloat(storedName(huggingFaceName));
    if (isGguf && family->fromGguf)
        read = family->fromGguf(huggingFaceName, read, config);
    // The file's mapping is read-only and may vanish with its disk: the model owns what it computes
    // with.
    return read.contiguous().clone();
}

ModuleNames ModelSource::names() const
{
    const ModuleNames names = family->names(config);
    return config.task == ModelTask::Base ? names.without(family->prefix) : names;
}

std::unique_ptr<Model> ModelSource::build(WeightSource& weights) const
{
    return family->build ? family->build(*this, weights) : textModel(*this, weights);
}

std::unique_ptr<Model> ModelSource::skeleton() const
{
    Skeleton weights(*this);
    return build(weights);
}

std::vector<SiteInfo> ModelSource::sites() const
{
    return skeleton()->sites();
}

std::vector<WeightInfo> ModelSource::weightInfos() const
{
    std::vector<WeightInfo> infos;
    for (const auto& [name, tensor] : skeleton()->weights())
        infos.push_back({name, tensor.sizes().vec()});
    return infos;
}

ModelSource openModelSource(const std::filesystem::path& path)
{
    if (!std::filesystem::exists(path))
        throw Error(path.string() + ": there is no such file or folder.",
                    "Check the path; was the model moved?");
    ModelSource source;
    source.path = path;
    source.tensors = openTensorFile(path);
    if (source.tensors->metadata().contains("general.architecture"))
        readGgufConfig(source);
    else if (const auto config = configFile(path); !config.empty())
        readFolderConfig(source, config);
    else
        throw Error(
            path.string()
                + ": there are weights but no config.json that says what model they belong to.",
            "Put the model's config.json into the same folder.");
    source.config.dtype = mainDtype(*source.tensors);
    checkConfig(source.config, path.string());
    checkWeights(source);
    return source;
}

} // namespace tw
