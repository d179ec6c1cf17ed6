// SPDX-License-Identifier: Apache-2.0
// Several files that an index makes one: model.safetensors.index.json,
// pytorch_model.bin.index.json.
#include "core/base/error.h"
#include "core/tensorfile/indexed_file.h"
#include "core/tensorfile/safetensors_header.h"

namespace tw {
namespace {

constexpr std::size_t kMaxIndex = 100'000'000; // bytes, as for a header of safetensors
constexpr std::size_t kNamedRemarks = 20; // what else is odd is counted

class ShardedFile final : public IndexedTensorFile
{
public:
    using Shards = std::map<std::string, std::shared_ptr<const TensorFile>>;
    using Homes = std::unordered_map<std::string, const TensorFile*>;

    ShardedFile(const std::string& where,
                std::vector<TensorInfo> tensors,
                std::map<std::string, std::string> metadata,
                Homes homes,
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
    std::vector<std::string> remarks() const override
    {
        std::vector<std::string> remarks;
        std::size_t more = 0;
        for (const auto& [name, shard] : m_shards)
            for (const TensorInfo& info : shard->tensors()) {
                const auto home = m_homes.find(info.name);
                if (home != m_homes.end() && home->second == shard.get())
                    continue;
                if (remarks.size() == kNamedRemarks) {
                    ++more;
                    continue;
                }
                remarks.push_back(home == m_homes.end() ? name + " also holds \"" + info.name
                                          + "\", which the index does not name; it is not read."
                                                        : "\"" + info.name + "\" is in " + name
                                          + " as well; the one that the index names is read.");
            }
        if (more > 0)
            remarks.push_back("So are " + std::to_string(more) + " more tensors.");
        return remarks;
    }

private:
    Homes m_homes;
    Shards m_shards;
};

std::filesystem::path shardPath(const std::filesystem::path& index, const std::string& shard)
{
    const auto path = index.parent_path() / shard;
    if (!std::filesystem::exists(path))
        throw Error(index.string() + ": the shard " + shard + " is missing.",
                    "Put it beside the index.");
    return path;
}

} // namespace

std::shared_ptr<const TensorFile> openShards(const std::filesystem::path& index)
{
    const std::string where = index.string();
    ShardedFile::Shards shards;
    ShardedFile::Homes homes;
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
            shard = openShard(shardPath(index, shardName));
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

} // namespace tw
