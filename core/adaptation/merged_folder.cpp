// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/merged_folder.h"

#include "core/adaptation/merge.h"
#include "core/base/atomic_file.h"
#include "core/base/json.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

namespace tw {
namespace {

namespace fs = std::filesystem;

/// What belongs to a model besides config.json and its weights.
constexpr std::array kBeside {"tokenizer.json",
                              "tokenizer_config.json",
                              "special_tokens_map.json",
                              "added_tokens.json",
                              "vocab.json",
                              "merges.txt",
                              "vocab.txt",
                              "tokenizer.model",
                              "spiece.model",
                              "sentencepiece.bpe.model",
                              "chat_template.jinja",
                              "chat_template.json",
                              "generation_config.json"};

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
        for (const char* name : kBeside)
            if (fs::is_regular_file(from / name))
                fs::copy_file(from / name, temporary / name);
    });
}

} // namespace tw
