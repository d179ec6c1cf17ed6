// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/model/registry.h"

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

void checkWeights(const ModelSource& source)
{
    for (const WeightInfo& wanted : source.weightInfos()) {
        const std::string stored = source.storedName(wanted.name);
        const TensorInfo* info = source.tensors->find(stored);
        if (info == nullptr)
            throw Error(source.path.string() + ": the weight \"" + stored + "\" is missing.",
                        "The model is incomplete or its config belongs to another one; fetch all "
                        "of its files again.");
        if (info->shape != wanted.shape)
            throw Error(source.path.string() + ": the weight \"" + stored + "\" is "
                            + shapeText(info->shape) + ", its config asks for "
                            + shapeText(wanted.shape) + ".",
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

SiteInfo siteInfo(const ModelSource& source, SiteKind kind, std::int64_t layer)
{
    const ModelConfig& config = source.config;
    const std::int64_t d = config.hiddenSize;
    SiteInfo info {{kind, static_cast<std::int32_t>(layer)}, {}, d, d, false};
    info.module = source.family->module(info.site);
    const auto& linears = linearSites();
    info.isLinear = std::find(linears.begin(), linears.end(), kind) != linears.end();
    if (kind == SiteKind::Embed)
        info.in = config.vocabularySize;
    else if (kind == SiteKind::Head)
        info.out = config.vocabularySize;
    else if (kind == SiteKind::AttnQ)
        info.out = config.queryWidth();
    else if (kind == SiteKind::AttnK || kind == SiteKind::AttnV)
        info.out = config.keyWidth();
    else if (kind == SiteKind::AttnO)
        info.in = config.queryWidth();
    else if (kind == SiteKind::MlpGate || kind == SiteKind::MlpUp)
        info.out = config.intermediateSize;
    else if (kind == SiteKind::MlpDown)
        info.in = config.intermediateSize;
    return info;
}

bool hasBias(const ModelConfig& config, SiteKind kind)
{
    if (kind == SiteKind::AttnO)
        return config.hasOutputBias;
    const bool isMlp =
        kind == SiteKind::MlpGate || kind == SiteKind::MlpUp || kind == SiteKind::MlpDown;
    return isMlp ? config.hasMlpBias : config.hasQkvBias;
}

constexpr std::array<const char*, 2> kQkNorms {".q_norm.weight", ".k_norm.weight"};

} // namespace

std::string ModelSource::storedName(const std::string& huggingFaceName) const
{
    return isGguf ? family->ggufName(huggingFaceName) : huggingFaceName;
}

at::Tensor ModelSource::weight(const std::string& huggingFaceName) const
{
    at::Tensor read = tensors->readFloat(storedName(huggingFaceName));
    if (isGguf)
        read = family->fromGguf(huggingFaceName, read, config);
    // The file's mapping is read-only and may vanish with its disk: the model owns what it computes
    // with.
    return read.contiguous().clone();
}

std::vector<SiteInfo> ModelSource::sites() const
{
    std::vector<SiteInfo> all;
    all.push_back(siteInfo(*this, SiteKind::Embed, -1));
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        for (const SiteKind kind :
             {SiteKind::Norm1, SiteKind::AttnQ, SiteKind::AttnK, SiteKind::AttnV, SiteKind::AttnO,
              SiteKind::AttnOut, SiteKind::Norm2, SiteKind::MlpGate, SiteKind::MlpUp,
              SiteKind::MlpDown, SiteKind::MlpOut, SiteKind::BlockOut})
            all.push_back(siteInfo(*this, kind, layer));
    all.push_back(siteInfo(*this, SiteKind::FinalNorm, -1));
    all.push_back(siteInfo(*this, SiteKind::Head, -1));
    return all;
}

std::vector<WeightInfo> ModelSource::weightInfos() const
{
    std::vector<WeightInfo> infos;
    for (const SiteInfo& info : sites()) {
        const SiteKind kind = info.site.kind;
        if (info.isLinear) {
            infos.push_back({info.module + ".weight", {info.out, info.in}});
            if (hasBias(config, kind))
                infos.push_back({info.module + ".bias", {info.out}});
        } else if (kind == SiteKind::Norm1 || kind == SiteKind::Norm2
                   || kind == SiteKind::FinalNorm) {
            infos.push_back({info.module + ".weight", {config.hiddenSize}});
        } else if (kind == SiteKind::AttnOut && config.hasQkNorm) {
            for (const char* norm : kQkNorms)
                infos.push_back({info.module + norm, {config.headSize}});
        } else if (kind == SiteKind::Embed || (kind == SiteKind::Head && !config.tiesHead)) {
            infos.push_back({info.module + ".weight", {config.vocabularySize, config.hiddenSize}});
        }
    }
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
