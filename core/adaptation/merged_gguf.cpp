// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/merged_gguf.h"

#include "core/adaptation/merge.h"
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/data/chat_templates.h"
#include "core/model/gguf_form.h"
#include "core/tokenizer/gguf_vocabulary.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <set>

namespace tw {
namespace {

namespace fs = std::filesystem;

/// general.file_type, as llama.cpp numbers what most of a file is stored in.
struct FileType
{
    const char* dtype;
    std::uint32_t number;
};
constexpr std::array kFileTypes = std::to_array<FileType>({{"F32", 0},
                                                           {"F16", 1},
                                                           {"BF16", 32},
                                                           {"Q8_0", 7},
                                                           {"Q5_1", 9},
                                                           {"Q5_0", 8},
                                                           {"Q4_K", 14},
                                                           {"Q4_1", 3},
                                                           {"Q4_0", 2}});

std::uint32_t fileTypeOf(const std::string& dtype)
{
    std::string known;
    for (const FileType& type : kFileTypes) {
        if (dtype == type.dtype)
            return type.number;
        known += std::string(known.empty() ? "" : ", ") + type.dtype;
    }
    throw Error("A GGUF file is not exported as \"" + dtype + "\".", "There are: " + known + ".");
}

/// Without what stands in the way of a file's name.
std::string nameOf(const ModelSource& source)
{
    if (source.isGguf)
        if (const auto it = source.tensors->metadata().find("general.name");
            it != source.tensors->metadata().end() && !it->second.empty())
            return it->second;
    const fs::path path = fs::weakly_canonical(source.path);
    const std::string name = fs::is_directory(path) ? path.filename() : path.stem();
    return name.empty() ? "model" : name;
}

std::string fileName(std::string name, const std::string& dtype)
{
    for (char& letter : name)
        if (letter == '/' || static_cast<unsigned char>(letter) <= ' ')
            letter = '-';
    std::size_t end = std::min<std::size_t>(name.size(), 100);
    while (end < name.size() && end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80)
        --end; // not within a character
    return name.substr(0, end) + "-" + dtype + ".gguf";
}

/// Readers take the number of tokens for the number of the embedding's rows.
void refuseMoreTokens(const GgufFields& fields, const ModelSource& source)
{
    for (const auto& [key, value] : fields) {
        if (key != "tokenizer.ggml.token_type")
            continue;
        const auto& types = std::get<std::vector<std::int32_t>>(std::get<GgufList>(value));
        if (std::ssize(types) != source.config.vocabularySize)
            throw Error("The tokenizer has " + std::to_string(types.size()) + " tokens, the model "
                            + std::to_string(source.config.vocabularySize)
                            + "; in a GGUF file both have to be one number.",
                        "Put the tokenizer that belongs to the model into its folder.");
    }
}

void addTokenizer(const ModelSource& source, GgufFields& fields)
{
    const fs::path folder = fs::is_directory(source.path) ? source.path : source.path.parent_path();
    for (auto& field : ggufTokenizerFields(folder, source.config.vocabularySize))
        fields.push_back(std::move(field));
    refuseMoreTokens(fields, source);
    const ChatTemplates templates = ChatTemplates::ofModel(folder);
    for (const auto& [name, text] : templates.sources())
        fields.emplace_back("tokenizer.chat_template" + (name == "default" ? "" : "." + name),
                            text);
}

/// Throws Error where models of the family are not written.
const GgufForm& formOf(const ModelSource& source)
{
    if (const GgufForm* form = ggufForms().find(source.config.family))
        return *form;
    std::string known;
    for (const auto& form : ggufForms().all())
        known += (known.empty() ? "" : "; ") + form->title;
    throw Error("Models of the kind " + source.family->title + " are not written to GGUF files.",
                "Written are: " + known + ". Export it as a Hugging Face folder.");
}

void add(GgufFields& fields, const std::string& key, GgufField value)
{
    std::erase_if(fields, [&](const auto& field) { return field.first == key; });
    fields.emplace_back(key, std::move(value));
}

/// Everything about the model but its weights.
GgufFields
fieldsOf(const ModelSource& source, const GgufSettings& settings, const std::string& type)
{
    GgufFields fields;
    if (source.isGguf) {
        fields = ggufFieldsOf(source.path);
    } else {
        fields.emplace_back("general.architecture", settings.architecture);
        fields.emplace_back("general.type", std::string("model"));
        fields.emplace_back("general.name", nameOf(source));
        fields.insert(fields.end(), settings.fields.begin(), settings.fields.end());
        addTokenizer(source, fields);
    }
    add(fields, "general.file_type", fileTypeOf(type));
    if (type.starts_with("Q"))
        add(fields, "general.quantization_version", std::uint32_t {2});
    return fields;
}

std::int64_t elementsPerBlock(const std::string& dtype)
{
    return static_cast<std::int64_t>(ggmlLayout(std::string_view(dtype))->elements);
}

/// How a tensor is stored in a file of `type`.
std::string
dtypeOf(const std::string& name, const std::vector<std::int64_t>& shape, const std::string& type)
{
    if (shape.size() < 2 || name.starts_with("position_embd"))
        return "F32";
    for (const char* dtype : {type.c_str(), "Q5_0"})
        if (shape.back() % elementsPerBlock(dtype) == 0)
            return dtype;
    return "F16";
}

constexpr double kLargestHalf = 65504.0;

at::Tensor checkedFor(const std::string& dtype, const std::string& name, at::Tensor values)
{
    if (!values.isfinite().all().item<bool>())
        throw Error("The weight " + name + " has values that are no finite numbers.",
                    "A training that diverged leaves such weights: export another step of it.");
    const bool isHalf = dtype != "F32" && dtype != "BF16"; // or has half scales
    if (isHalf && values.numel() > 0 && values.abs().max().item<double>() > kLargestHalf)
        throw Error("The weight " + name + " has values above 65504, which " + dtype
                        + " cannot hold.",
                    "Export as BF16 or F32.");
    return values;
}

GgufTensorToWrite toWrite(const ModelSource& source,
                          const GgufForm& form,
                          const std::string& name,
                          const at::Tensor& weight,
                          const std::string& type)
{
    const auto turned = [&form, &config = source.config, name](const at::Tensor& tensor) {
        return form.toGguf ? form.toGguf(name, tensor, config) : tensor;
    };
    GgufTensorToWrite out;
    out.tensor.name = source.family->ggufName(name, source.config);
    out.tensor.shape =
        turned(at::empty(weight.sizes(), weight.options().device(at::kMeta))).sizes().vec();
    out.dtype = dtypeOf(out.tensor.name, out.tensor.shape, type);
    out.tensor.read = [turned, weight, name, dtype = out.dtype] {
        return checkedFor(dtype, name, turned(weight).contiguous());
    };
    return out;
}

std::vector<GgufTensorToWrite> tensorsOf(const ModelSource& source,
                                         const GgufForm& form,
                                         const Model& model,
                                         const GgufSettings& settings,
                                         const std::string& type)
{
    std::vector<GgufTensorToWrite> all;
    std::set<std::string> names;
    for (const auto& [name, weight] : mergedWeights(model)) {
        all.push_back(toWrite(source, form, name, weight, type));
        names.insert(all.back().tensor.name);
    }
    for (const auto& [name, values] : settings.tensors)
        all.push_back({{name,
                        at::kFloat,
                        {static_cast<std::int64_t>(values.size())},
                        [values = values] { return at::tensor(values); }},
                       "F32"});
    if (source.isGguf) // factors of rotary frequencies and the like
        for (const TensorInfo& info : source.tensors->tensors())
            if (!names.contains(info.name))
                all.push_back(
                    {{info.name, at::kFloat, info.shape,
                      [file = source.tensors, name = info.name] { return file->readFloat(name); }},
                     "F32"});
    return all;
}

} // namespace

const std::vector<std::string>& ggufExportTypes()
{
    static const std::vector<std::string> kTypes = [] {
        std::vector<std::string> types;
        for (const FileType& type : kFileTypes)
            types.emplace_back(type.dtype);
        return types;
    }();
    return kTypes;
}

fs::path writeMergedGguf(const ModelSource& source,
                         const Model& model,
                         const std::string& type,
                         const fs::path& folder)
{
    requireFreeFolder(folder);
    fileTypeOf(type);
    const GgufForm& form = formOf(source);
    const GgufSettings settings = source.isGguf ? GgufSettings() : form.settings(source.config);
    const GgufFields fields = fieldsOf(source, settings, type);
    const auto tensors = tensorsOf(source, form, model, settings, type);
    const std::string name = fileName(nameOf(source), type);
    writeFolder(folder,
                [&](const fs::path& temporary) { writeGguf(temporary / name, fields, tensors); });
    return folder / name;
}

} // namespace tw
