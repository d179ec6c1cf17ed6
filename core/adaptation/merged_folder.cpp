// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/merged_folder.h"

#include "core/adaptation/merge.h"
#include "core/base/atomic_file.h"
#include "core/base/json.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <set>

namespace tw {
namespace {

namespace fs = std::filesystem;

/// What belongs to a model besides its weights, by its name: tokenizer, templates, how pictures and
/// sounds are prepared, how sentences are pooled, licence. Not its card, which is of the model that
/// it was, and no data that somebody keeps there.
bool isBeside(const fs::directory_entry& file)
{
    constexpr std::uintmax_t kLargest = 100'000'000; // bytes; tokenizers have up to a third of it
    static const std::set<std::string> kEndings {".json", ".model", ".jinja", ".spm"};
    const std::string name = file.path().filename().string();
    if (!file.is_regular_file() || name.starts_with(".") || file.file_size() > kLargest)
        return false;
    return name.starts_with("LICENSE") || name == "vocab.txt" || name == "merges.txt"
        || (kEndings.contains(file.path().extension().string()) && !name.ends_with(".index.json")
            && name != "tunewright.json" && !name.starts_with("adapter_"));
}

/// sentence-transformers numbers its steps: 1_Pooling.
bool isBesideFolder(const fs::directory_entry& folder)
{
    const std::string name = folder.path().filename().string();
    const bool isStep = name.size() > 2 && name[0] >= '0' && name[0] <= '9' && name[1] == '_';
    return folder.is_directory() && !folder.is_symlink()
        && (isStep || name == "additional_chat_templates");
}

void copyBeside(const fs::path& from, const fs::path& to)
{
    for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
        const fs::path copy = to / entry.path().filename();
        if (isBeside(entry)) {
            fs::copy_file(entry.path(), copy, fs::copy_options::skip_existing); // config.json
        } else if (isBesideFolder(entry)) {
            fs::create_directory(copy);
            copyBeside(entry.path(), copy);
        }
    }
}

bool hasWeight(const NamedTensors& weights, const std::string& name)
{
    return std::any_of(weights.begin(), weights.end(),
                       [&](const auto& weight) { return weight.first == name; });
}

/// The source's, with what merging changed: all weights are float32 now, and a head that was tied
/// may have become one of its own.
std::string configFor(const ModelSource& source, const NamedTensors& weights)
{
    Json config = parseJson(source.configText, (source.path / "config.json").string());
    config[config.contains("dtype") ? "dtype" : "torch_dtype"] = "float32";
    config.erase("quantization_config");
    const ModuleNames names = source.names();
    if (source.config.tiesHead && names.has(SiteKind::Head)
        && hasWeight(weights, names.at({SiteKind::Head, -1}) + ".weight"))
        config["tie_word_embeddings"] = false;
    return config.dump(2) + "\n";
}

} // namespace

void writeMergedFolder(const ModelSource& source, const Model& model, const fs::path& folder)
{
    if (source.isGguf)
        throw Error(source.path.string()
                        + " is a GGUF file, whose settings cannot be written as "
                          "config.json.",
                    "Merge into the Hugging Face folder that it was made from.");
    requireFreeFolder(folder);
    NamedTensors weights = mergedWeights(model);
    for (auto& [name, tensor] : weights)
        tensor = tensor.contiguous();
    const fs::path from = fs::is_directory(source.path) ? source.path : source.path.parent_path();
    writeFolder(folder, [&](const fs::path& temporary) {
        writeSafetensors(temporary / "model.safetensors", weights, {{"format", "pt"}});
        writeFile(temporary / "config.json", configFor(source, weights));
        copyBeside(from, temporary);
    });
}

} // namespace tw
