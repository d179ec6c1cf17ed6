// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tensorfile/checked_math.h"
#include "core/tensorfile/dtypes.h"
#include "core/tensorfile/safetensors_header.h"
#include "core/tensorfile/tensor_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <unordered_set>

namespace tw {
namespace {

std::string_view dtypeOf(const TensorToWrite& tensor)
{
    const std::string_view dtype = dtypeNameOf(tensor.type);
    if (safetensorsElementBytes(dtype) == 0)
        throw Error("The tensor \"" + tensor.name + "\" is of type " + c10::toString(tensor.type)
                        + ", which safetensors cannot hold.",
                    "Convert it to float32 first.");
    return dtype;
}

std::string headerOf(const std::vector<TensorToWrite>& tensors,
                     const std::map<std::string, std::string>& metadata)
{
    Json header = Json::object();
    if (!metadata.empty())
        header["__metadata__"] = metadata;
    std::string text = header.dump();
    text.pop_back(); // its closing brace: the tensors follow one by one, as a long ordered object
                     // is slow to build
    std::uint64_t offset = 0;
    for (const TensorToWrite& tensor : tensors) {
        const std::uint64_t end = offset + tensor.bytes();
        Json entry = Json::object();
        entry["dtype"] = dtypeOf(tensor);
        entry["shape"] = tensor.shape;
        entry["data_offsets"] = {offset, end};
        text += (text.size() > 1 ? "," : "") + Json(tensor.name).dump() + ":" + entry.dump();
        offset = end;
    }
    text += '}';
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
}

void refuseBadNames(const std::vector<TensorToWrite>& tensors)
{
    std::unordered_set<std::string_view> names;
    for (const TensorToWrite& tensor : tensors) {
        if (tensor.name == "__metadata__")
            throw Error("No tensor can be called \"__metadata__\": safetensors keeps this name for "
                        "its own notes.",
                        "Rename the tensor.");
        if (!names.insert(tensor.name).second)
            throw Error("Two tensors cannot both be called \"" + tensor.name + "\" in one file.",
                        "Rename one of them.");
    }
}

std::vector<TensorToWrite> sorted(const std::vector<TensorToWrite>& tensors)
{
    refuseBadNames(tensors);
    std::vector<TensorToWrite> list = tensors;
    const auto rank = [](const TensorToWrite& tensor) { return safetensorsRank(dtypeOf(tensor)); };
    std::sort(list.begin(), list.end(), [&](const TensorToWrite& a, const TensorToWrite& b) {
        const auto left = rank(a);
        const auto right = rank(b);
        return left == right ? a.name < b.name : left > right;
    });
    return list;
}

/// Reads one tensor and puts its bytes behind those that are written already.
void append(AtomicFile& file, const TensorToWrite& tensor)
{
    const at::Tensor read = tensor.read();
    if (read.sizes() != at::IntArrayRef(tensor.shape))
        throw Error("The tensor \"" + tensor.name + "\" has another shape than was announced.",
                    "This is a mistake in Tunewright: please report it.");
    const at::Tensor whole =
        read.detach().to(at::kCPU, tensor.type).contiguous().resolve_conj().resolve_neg();
    file.write(std::span(static_cast<const std::byte*>(whole.const_data_ptr()), whole.nbytes()));
}

using Groups = std::vector<std::vector<TensorToWrite>>;

/// Which tensors go into which file. Larger ones than maxBytes stand alone and come before the
/// files that are not full yet, as Transformers orders them.
Groups grouped(const std::vector<TensorToWrite>& tensors, std::uint64_t maxBytes)
{
    Groups groups;
    std::vector<TensorToWrite> group;
    std::uint64_t size = 0;
    for (const TensorToWrite& tensor : tensors) {
        const std::uint64_t bytes = tensor.bytes();
        if (bytes > maxBytes) {
            groups.push_back({tensor});
            continue;
        }
        if (size + bytes > maxBytes) {
            groups.push_back(std::move(group));
            group.clear();
            size = 0;
        }
        group.push_back(tensor);
        size += bytes;
    }
    if (!group.empty() || groups.empty())
        groups.push_back(std::move(group));
    return groups;
}

/// 7 as "00007", as Transformers numbers its files.
std::string fiveDigits(std::size_t number)
{
    const std::string digits = std::to_string(number);
    return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

std::string indexOf(const Groups& groups, const std::vector<std::filesystem::path>& files)
{
    std::map<std::string, std::string> homes; // sorted, as Transformers writes it
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < groups.size(); ++i)
        for (const TensorToWrite& tensor : groups[i]) {
            homes.emplace(tensor.name, files[i].filename().string());
            total += tensor.bytes();
        }
    Json index = Json::object();
    index["metadata"] = {{"total_size", total}};
    index["weight_map"] = homes;
    return index.dump(2) + "\n";
}

} // namespace

std::uint64_t TensorToWrite::bytes() const
{
    const auto elements = checkedElements(shape);
    const auto bytes = elements ? checkedProduct(*elements, c10::elementSize(type)) : std::nullopt;
    if (!bytes)
        throw Error("The tensor \"" + name + "\" is too large for any memory.",
                    "Check where it comes from.");
    return *bytes;
}

void streamSafetensors(const std::filesystem::path& path,
                       const std::vector<TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata)
{
    const std::vector<TensorToWrite> list = sorted(tensors);
    const std::string header = headerOf(list, metadata);
    AtomicFile file(path);
    std::array<std::byte, 8> length {};
    for (std::size_t i = 0; i < 8; ++i)
        length[i] = static_cast<std::byte>(header.size() >> (8 * i) & 0xFFU);
    file.write(length);
    file.write(header);
    for (const TensorToWrite& tensor : list)
        append(file, tensor);
    file.commit();
}

void writeSafetensors(const std::filesystem::path& path,
                      const NamedTensorList& tensors,
                      const std::map<std::string, std::string>& metadata)
{
    std::vector<TensorToWrite> list;
    for (const auto& [name, tensor] : tensors)
        list.push_back(
            {name, tensor.scalar_type(), tensor.sizes().vec(), [&held = tensor] { return held; }});
    streamSafetensors(path, list, metadata);
}

std::vector<std::filesystem::path>
writeSafetensorsShards(const std::filesystem::path& path,
                       const std::vector<TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata,
                       std::uint64_t maxBytes)
{
    if (maxBytes == 0)
        throw Error("Files of at most 0 bytes cannot hold any tensor.", "Give a larger size.");
    refuseBadNames(tensors);
    const Groups groups = grouped(tensors, maxBytes);
    std::vector<std::filesystem::path> files;
    if (groups.size() == 1) {
        streamSafetensors(path, groups.front(), metadata);
        return {path};
    }
    const std::string stem = (path.parent_path() / path.stem()).string();
    for (std::size_t i = 0; i < groups.size(); ++i) {
        files.emplace_back(stem + "-" + fiveDigits(i + 1) + "-of-" + fiveDigits(groups.size())
                           + ".safetensors");
        streamSafetensors(files.back(), groups[i], metadata);
    }
    const std::string index = indexOf(groups, files);
    files.emplace_back(stem + ".safetensors.index.json");
    writeFile(files.back(), index); // last: with it the model is whole
    return files;
}

} // namespace tw
