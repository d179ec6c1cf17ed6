// SPDX-License-Identifier: Apache-2.0
// Finds out what a path holds, by content.
#include "core/base/error.h"
#include "core/tensorfile/gguf.h"
#include "core/tensorfile/indexed_file.h"
#include "core/tensorfile/npy.h"
#include "core/tensorfile/pickle.h"
#include "core/tensorfile/torch_archive.h"

#include <algorithm>

namespace tw {
namespace {

namespace fs = std::filesystem;

bool beginsWith(std::span<const std::byte> bytes, std::string_view start)
{
    return bytes.size() >= start.size()
        && std::equal(start.begin(), start.end(), bytes.begin(), [](char c, std::byte b) {
               return static_cast<unsigned char>(c) == std::to_integer<unsigned>(b);
           });
}

/// A pickle as PyTorch wrote it before its zip files. A header of safetensors that is 640 bytes
/// long begins with the same two bytes, but none is so long that the upper half of its length is
/// anything but zero.
bool isBarePickle(std::span<const std::byte> bytes)
{
    return looksLikePickle(bytes)
        && (bytes.size() < 8 || std::any_of(bytes.begin() + 4, bytes.begin() + 8, [](std::byte b) {
                return b != std::byte {0};
            }));
}

bool looksLikeTar(std::span<const std::byte> bytes)
{
    constexpr std::size_t kMagicAt = 257; // POSIX.1, ustar
    return bytes.size() > kMagicAt && beginsWith(bytes.subspan(kMagicAt), "ustar");
}

/// Files that people take for weights and that have an answer of their own.
void refuseKnownStrangers(std::span<const std::byte> bytes, const std::string& where)
{
    if (isBarePickle(bytes) || looksLikeTar(bytes))
        throw Error(where
                        + ": this is a PyTorch checkpoint in the form of before version 1.6, or "
                          "another bare pickle; these are not read.",
                    "In Python, load it with torch.load and save it again with torch.save, or as "
                    "safetensors.");
    if (beginsWith(bytes, "version https://git-lfs"))
        throw Error(where + ": this is only a pointer of Git LFS, not the model.",
                    "Run git lfs pull in its folder.");
    if (beginsWith(bytes, "<!DOCTYPE") || beginsWith(bytes, "<html"))
        throw Error(where + ": this is a web page, not a model.",
                    "Download the file itself, not the page about it.");
}

std::shared_ptr<const TensorFile> openZip(const TensorBytes& source, const std::string& where)
{
    ZipArchive archive(source.bytes, where);
    for (const ZipEntry& entry : archive.entries())
        if (entry.name.ends_with("/constants.pkl"))
            throw Error(where + ": this is a TorchScript program, not a file of weights.",
                        "In Python, save the state_dict() of torch.jit.load(file).");
    if (torchPickle(archive) != nullptr)
        return openTorchArchive(source, std::move(archive));
    if (holdsNpy(archive))
        return openNpz(source, std::move(archive));
    throw Error(where
                    + ": the zip archive holds neither a PyTorch checkpoint (data.pkl) nor "
                      "arrays of NumPy (*.npy).",
                "Unpack it and open the file of weights in it.");
}

bool isNamedAsCheckpoint(const fs::path& path)
{
    const std::string ending = path.extension().string();
    return ending == ".bin" || ending == ".pt" || ending == ".pth" || ending == ".ckpt";
}

/// Whether the first eight bytes may be the length of a header within the file.
bool mayBeSafetensors(std::span<const std::byte> bytes)
{
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 8 && i < bytes.size(); ++i)
        length |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    return bytes.size() > 8 && length <= bytes.size() - 8;
}

/// A file of tensors in itself, by its first bytes; safetensors has none of its own.
std::shared_ptr<const TensorFile> openAlone(const TensorBytes& source, const std::string& where)
{
    if (looksLikeGguf(source.bytes))
        return openGguf(source, where);
    if (looksLikeZip(source.bytes))
        return openZip(source, where);
    if (looksLikeNpy(source.bytes))
        return openNpy(source, where);
    refuseKnownStrangers(source.bytes, where);
    if (isNamedAsCheckpoint(where) && !mayBeSafetensors(source.bytes))
        throw Error(where
                        + ": this is no PyTorch checkpoint, which is a zip archive with a data.pkl "
                          "since version 1.6.",
                    "Download it again; if it is older, load it in Python and save it again.");
    return openSafetensors(source, where);
}

/// An index is a text; as a length of a header its first eight bytes would be far above every
/// limit.
bool looksLikeIndex(std::span<const std::byte> bytes)
{
    const auto first = std::find_if(bytes.begin(), bytes.end(),
                                    [](std::byte b) { return std::to_integer<unsigned>(b) > 32; });
    const bool isText = bytes.size() > 8 && std::to_integer<unsigned>(bytes[7]) != 0;
    return isText && first != bytes.end() && std::to_integer<char>(*first) == '{';
}

std::vector<fs::path> filesIn(const fs::path& folder)
{
    std::error_code code;
    std::vector<fs::path> files;
    for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code))
        files.push_back(it->path());
    if (code)
        throw Error("Cannot look into the folder " + folder.string() + ": " + code.message() + ".",
                    "Check the permissions of the folder.");
    std::sort(files.begin(), files.end());
    return files;
}

/// The file to open in a model's or an adapter's folder.
fs::path chooseIn(const fs::path& folder)
{
    const auto files = filesIn(folder);
    for (const char* const name :
         {"model.safetensors.index.json", "model.safetensors", "adapter_model.safetensors",
          "pytorch_model.bin.index.json", "pytorch_model.bin", "adapter_model.bin"})
        if (std::find(files.begin(), files.end(), folder / name) != files.end())
            return folder / name;
    for (const char* const extension : {".safetensors", ".gguf", ".bin", ".pt", ".pth", ".npz"}) {
        std::vector<fs::path> fitting;
        std::copy_if(files.begin(), files.end(), std::back_inserter(fitting),
                     [&](const fs::path& path) { return path.extension() == extension; });
        if (fitting.size() > 1)
            throw Error(folder.string() + ": there are " + std::to_string(fitting.size())
                            + " files *" + extension + " in this folder.",
                        "Name one of them, " + fitting.front().filename().string()
                            + " for instance.");
        if (fitting.size() == 1)
            return fitting.front();
    }
    throw Error(folder.string()
                    + ": there is no model in this folder (no *.safetensors, *.gguf, *.bin, *.pt, "
                      "*.pth or *.npz).",
                "Choose the folder that holds the weights.");
}

} // namespace

std::shared_ptr<const TensorFile> openShard(const fs::path& path)
{
    auto file = std::make_shared<const MappedFile>(path);
    const auto bytes = file->bytes();
    return openAlone({std::move(file), bytes}, path.string());
}

std::shared_ptr<const TensorFile> openTensorFile(const fs::path& path)
{
    std::error_code code;
    const bool isFolder = fs::is_directory(path, code);
    const fs::path chosen = isFolder ? chooseIn(path) : path;
    auto file = std::make_shared<const MappedFile>(chosen);
    const TensorBytes source {file, file->bytes()};
    const bool isIndex = looksLikeIndex(source.bytes) || chosen.string().ends_with(".index.json");
    return isIndex ? openShards(chosen) : openAlone(source, chosen.string());
}

} // namespace tw
