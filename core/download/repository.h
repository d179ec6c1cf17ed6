// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/job/job_control.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tw {

/// A model on a server that speaks as Hugging Face's hub does.
struct RepositoryAddress
{
    std::string endpoint = "https://huggingface.co";
    std::string name; ///< "HuggingFaceTB/SmolLM2-135M-Instruct"
    std::string revision = "main"; ///< branch, tag or commit
    std::string token; ///< for models that ask for an account; may be empty
};

/// One file as the server lists it.
struct RepositoryFile
{
    std::string name; ///< "onnx/model.onnx"
    std::int64_t bytes = 0;
    std::string sha256; ///< of large files; else empty
    std::string gitHash; ///< SHA-1 over "blob SIZE\0" and the bytes; of small files
};

struct RepositoryListing
{
    std::string commit; ///< what the revision stands for now
    std::vector<RepositoryFile> files;
};

/// Throws Error: no network, no such model, an answer that is none, a file name that would lead out
/// of the folder; and Cancelled.
RepositoryListing listRepository(const RepositoryAddress& address, JobControl& control);

/// What opening a model needs: configs, tokenizer, templates, and its weights in one format,
/// safetensors before others. Or what matches one of the patterns ("*Q4_K_M.gguf"; * and ? as in a
/// shell, over the whole name). Throws Error where nothing is left.
std::vector<RepositoryFile> chosenFiles(const RepositoryListing& listing,
                                        const std::vector<std::string>& patterns);

/// Fetches files into folder, one after the other; progress stage "downloading" in bytes. What is
/// there whole and right is kept; a file that was begun goes on where it ended (NAME.part). Each is
/// checked against the server's hash before it gets its name. A file of another origin is never
/// replaced: .fetched.json remembers what the folder was fetched from. Throws Cancelled (what has
/// arrived is kept) and Error, also where somebody else is fetching the same file.
void fetchFiles(const RepositoryAddress& address,
                const std::string& commit,
                const std::vector<RepositoryFile>& files,
                const std::filesystem::path& folder,
                JobControl& control);

} // namespace tw
