// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/tensorfile/indexed_file.h"
#include "core/tensorfile/safetensors_header.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <unordered_set>

namespace tw {
namespace {

struct DtypeName
{
    std::string_view dtype;
    at::ScalarType type;
};
constexpr std::array<DtypeName, 17> kTypes {{{"BOOL", at::kBool},
                                             {"U8", at::kByte},
                                             {"I8", at::kChar},
                                             {"F8_E5M2", at::kFloat8_e5m2},
                                             {"F8_E4M3", at::kFloat8_e4m3fn},
                                             {"F8_E8M0", at::kFloat8_e8m0fnu},
                                             {"I16", at::kShort},
                                             {"U16", at::kUInt16},
                                             {"F16", at::kHalf},
                                             {"BF16", at::kBFloat16},
                                             {"I32", at::kInt},
                                             {"U32", at::kUInt32},
                                             {"F32", at::kFloat},
                                             {"C64", at::kComplexFloat},
                                             {"F64", at::kDouble},
                                             {"I64", at::kLong},
                                             {"U64", at::kUInt64}}};

at::ScalarType
typeOf(std::string_view dtype) // the header's reader let none pass that is not in the list
{
    return std::find_if(kTypes.begin(), kTypes.end(),
                        [&](const auto& t) { return t.dtype == dtype; })
        ->type;
}

std::string_view dtypeOf(const std::string& name, const at::Tensor& tensor)
{
    for (const auto& [dtype, type] : kTypes)
        if (type == tensor.scalar_type())
            return dtype;
    throw Error("The tensor \"" + name + "\" is of type " + c10::toString(tensor.scalar_type())
                    + ", which safetensors cannot hold.",
                "Convert it to float32 first.");
}

class SafetensorsFile final : public IndexedTensorFile
{
public:
    SafetensorsFile(const TensorBytes& source, const std::string& where, SafetensorsHeader header)
        : IndexedTensorFile(where, std::move(header.tensors), std::move(header.metadata))
        , m_source(source)
    {
    }
    at::Tensor read(const std::string& name) const override
    {
        const TensorInfo& info = get(name);
        return plainTensor(m_source, info, typeOf(info.dtype));
    }

private:
    TensorBytes m_source;
};

/// Several files that an index makes one.
class ShardedFile final : public IndexedTensorFile
{
public:
    using Shards = std::map<std::string, std::shared_ptr<const TensorFile>>;

    ShardedFile(const std::string& where,
                std::vector<TensorInfo> tensors,
                std::map<std::string, std::string> metadata,
                std::unordered_map<std::string, const TensorFile*> homes,
                Shards shards)
        : IndexedTensorFile(where, std::move(tensors), std::move(metadata))
        , m_homes(std::move(homes))
        , m_shards(std::move(shards))
    {
    }
    at::Tensor read(const std::string& name) const override
    {
        return m_homes.at(get(name).name)->read(name);
    }

private:
    std::unordered_map<std::string, const TensorFile*> m_homes;
    Shards m_shards;
};

constexpr std::size_t kMaxIndex = 100'000'000; // as for a header

std::string headerOf(const NamedTensorList& tensors,
                     const std::map<std::string, std::string>& metadata)
{
    Json header = Json::object();
    if (!metadata.empty())
        header["__metadata__"] = metadata;
    std::string text = header.dump();
    text.pop_back(); // its closing brace: the tensors follow one by one, as a long ordered object
                     // is slow to build
    std::uint64_t offset = 0;
    for (const auto& [name, tensor] : tensors) {
        const std::uint64_t end = offset + tensor.nbytes();
        Json entry = Json::object();
        entry["dtype"] = dtypeOf(name, tensor);
        entry["shape"] = tensor.sizes().vec();
        entry["data_offsets"] = {offset, end};
        text += (text.size() > 1 ? "," : "") + Json(name).dump() + ":" + entry.dump();
        offset = end;
    }
    text += '}';
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
}

NamedTensorList sorted(const NamedTensorList& tensors)
{
    std::unordered_set<std::string_view> names;
    for (const auto& [name, tensor] : tensors) {
        if (name == "__metadata__")
            throw Error("No tensor can be called \"__metadata__\": safetensors keeps this name for "
                        "its own notes.",
                        "Rename the tensor.");
        if (!names.insert(name).second)
            throw Error("Two tensors cannot both be called \"" + name + "\" in one file.",
                        "Rename one of them.");
    }
    NamedTensorList list = tensors;
    const auto rank = [](const auto& entry) {
        return safetensorsRank(dtypeOf(entry.first, entry.second));
    };
    std::sort(list.begin(), list.end(), [&](const auto& a, const auto& b) {
        const auto left = rank(a);
        const auto right = rank(b);
        return left == right ? a.first < b.first : left > right;
    });
    return list;
}

} // namespace

std::shared_ptr<const TensorFile> openSafetensors(const TensorBytes& source,
                                                  const std::string& where)
{
    return std::make_shared<SafetensorsFile>(source, where,
                                             readSafetensorsHeader(source.bytes, where));
}

std::shared_ptr<const TensorFile> openShards(const std::filesystem::path& index)
{
    const std::string where = index.string();
    ShardedFile::Shards shards;
    std::unordered_map<std::string, const TensorFile*> homes;
    std::vector<TensorInfo> tensors;
    std::map<std::string, std::string> metadata;
    const MappedFile file(index);
    if (file.bytes().size() > kMaxIndex)
        throw Error(where + ": the index is longer than 100 MB.",
                    "Check whether this is the right file.");
    const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()),
                                file.bytes().size());
    for (const auto& [name, shardName] : readShardIndex(text, where)) {
        auto& shard = shards[shardName];
        if (!shard) {
            const auto path = index.parent_path() / shardName;
            if (!std::filesystem::exists(path))
                throw Error(where + ": the shard " + shardName + " is missing.",
                            "Put it beside the index.");
            shard = openShard(path);
            metadata.insert(shard->metadata().begin(), shard->metadata().end());
        }
        const TensorInfo* const info = shard->find(name);
        if (info == nullptr)
            throw Error(where + ": \"" + name + "\" is not in " + shardName
                            + ", where the index says it is.",
                        "Index and shards are not of one model: download them again.");
        tensors.push_back(*info);
        homes.emplace(name, shard.get());
    }
    return std::make_shared<ShardedFile>(where, std::move(tensors), std::move(metadata),
                                         std::move(homes), std::move(shards));
}

void writeSafetensors(const std::filesystem::path& path,
                      const NamedTensorList& tensors,
                      const std::map<std::string, std::string>& metadata)
{
    const NamedTensorList list = sorted(tensors);
    const std::string header = headerOf(list, metadata);
    AtomicFile file(path);
    std::array<std::byte, 8> length {};
    for (std::size_t i = 0; i < 8; ++i)
        length[i] = static_cast<std::byte>(header.size() >> (8 * i) & 0xFFU);
    file.write(length);
    file.write(header);
    for (const auto& [name, tensor] : list) {
        const at::Tensor whole =
            tensor.detach().to(at::kCPU).contiguous().resolve_conj().resolve_neg();
        file.write(
            std::span(static_cast<const std::byte*>(whole.const_data_ptr()), whole.nbytes()));
    }
    file.commit();
}

} // namespace tw
