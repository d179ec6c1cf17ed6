// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/dataset.h"
#include "core/workbench/workspace.h"

#include <algorithm>
#include <cstring>
#include <fstream>

namespace tw {
namespace {

namespace fs = std::filesystem;

bool holdsFile(const fs::path& folder, const char* extension)
{
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code))
        if (entry.path().extension() == extension)
            return true;
    return false;
}

std::string kindOfFolder(const fs::path& folder)
{
    if (fs::exists(folder / "project.tunewright"))
        return "project";
    if (fs::exists(folder / "adapter_config.json"))
        return "adapter";
    if (fs::exists(folder / "config.json"))
        return "model";
    for (const char* const extension : {".safetensors", ".bin", ".pt", ".pth"})
        if (holdsFile(folder, extension))
            return "tensors";
    if (fs::exists(folder / "tokenizer.json") || fs::exists(folder / "tokenizer_config.json"))
        return "tokenizer";
    if (isForeignDataset(folder))
        return "dataset";
    throw Error(folder.string() + " holds nothing that Tunewright knows.",
                "Choose a model folder (with config.json), an adapter (adapter_config.json), a "
                "project, a folder of images or sounds, or a file.");
}

std::string headOf(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    if (!in)
        throw Error("Cannot open " + file.string() + ": " + std::strerror(errno) + ".",
                    "Check the path and the permissions.");
    std::string head(8, '\0');
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(in.gcount()));
    return head;
}

/// A JSON file may be an experiment, the index of shards, or rows.
std::string kindOfJson(const fs::path& file)
{
    constexpr std::size_t kMaxDocumentBytes = 16'000'000; // larger files are data
    if (fs::file_size(file) > kMaxDocumentBytes)
        return "dataset";
    const Json json = parseJson(readFile(file, kMaxDocumentBytes), file.string());
    if (json.is_object() && json.contains("weight_map"))
        return "tensors";
    if (json.is_object() && json.contains("model") && json.contains("train"))
        return "experiment";
    if (json.is_object() && json.contains("added_tokens") && json.contains("model"))
        return "tokenizer";
    return "dataset";
}

} // namespace

std::string Workspace::kindOf(const std::string& path) const
{
    const fs::path file(path);
    std::error_code code;
    if (!fs::exists(file, code))
        throw Error("There is nothing at " + path + ".", "Check the path.");
    if (fs::is_directory(file))
        return kindOfFolder(file);
    if (file.filename() == "project.tunewright")
        return "project";
    if (file.filename() == "adapter_config.json" || file.filename() == "adapter_model.safetensors"
        || file.filename() == "adapter_model.bin")
        return "adapter";
    const std::string head = headOf(file);
    if (head.rfind("GGUF", 0) == 0)
        return "model";
    std::string extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    static const std::vector<std::string> tensors {".safetensors", ".gguf", ".bin", ".pt",
                                                   ".pth",         ".ckpt", ".npy", ".npz"};
    if (std::find(tensors.begin(), tensors.end(), extension) != tensors.end())
        return "tensors";
    if (file.filename() == "tokenizer.json" || extension == ".model" || extension == ".spm")
        return "tokenizer";
    if (extension == ".json")
        return kindOfJson(file);
    static const std::vector<std::string> data {".csv", ".tsv",    ".jsonl", ".txt",
                                                ".md",  ".ndjson", ".tab"};
    if (std::find(data.begin(), data.end(), extension) != data.end() || isForeignDataset(file))
        return "dataset";
    throw Error(path + " is of no kind that Tunewright reads.",
                "It reads models (folders, GGUF), adapters, tensors as safetensors, PyTorch "
                "checkpoints and NumPy arrays, tokenizers, and data as CSV, TSV, JSON, JSONL, "
                "text, Parquet, Arrow, IDX or zip.");
}

} // namespace tw
