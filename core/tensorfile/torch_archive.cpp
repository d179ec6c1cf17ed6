// SPDX-License-Identifier: Apache-2.0
// The archive of torch.save has one folder (of any name) with: data.pkl, the description; data/KEY,
// the bytes of the storage KEY; byteorder; and small notes that only PyTorch needs.
#include "core/tensorfile/torch_archive.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tensorfile/checked_math.h"
#include "core/tensorfile/safetensors_header.h"
#include "core/tensorfile/torch_names.h"

#include <algorithm>

namespace tw {
namespace {

constexpr const char* kDamaged = "The file is damaged or not complete: download or copy it again.";
constexpr const char* kStateDict = "Save only the state_dict() of the model.";
constexpr std::string_view kPickle = "data.pkl";
constexpr std::uint64_t kMostPickle = 100'000'000; // as for the header of safetensors
// Views may repeat and share bytes, so their values can be more than the file; they may not be so
// many that writing them out fills the disk.
constexpr std::uint64_t kValuesAllowance = 32U << 20U;
constexpr std::uint64_t kMostShares = 64;

std::uint64_t elementBytes(std::string_view dtype)
{
    if (const std::uint64_t bytes = safetensorsElementBytes(dtype); bytes != 0)
        return bytes;
    return dtype == "C128" ? 16 : 1; // the rest are forms of 8-bit numbers
}

class TensorPlacer
{
public:
    TensorPlacer(const ZipArchive& archive, const PickleDocument& document, std::string folder)
        : m_archive(archive)
        , m_document(document)
        , m_folder(std::move(folder))
    {
    }

    TorchArchiveTensor place(const std::string& name, const PickledTensor& source)
    {
        TorchArchiveTensor tensor;
        tensor.info.name = name;
        tensor.info.dtype = source.dtype;
        tensor.info.shape = source.shape;
        tensor.strides = source.strides;
        tensor.isConjugate = source.isConjugate;
        tensor.isNegative = source.isNegative;
        const std::uint64_t size = elementBytes(source.dtype);
        const auto elements = checkedElements(source.shape);
        const auto bytes = elements ? checkedProduct(*elements, size) : std::nullopt;
        if (!bytes)
            fail(name, "has a shape that is too large for any memory");
        tensor.info.bytes = *bytes;
        const std::uint64_t most = m_archive.fileBytes() + kValuesAllowance;
        m_valueBytes += std::min(*bytes, most + 1);
        if (*bytes > most || m_valueBytes / kMostShares > most)
            fail(name,
                 "repeats stored values so often that it takes " + bytesInWords(*bytes)
                     + " in a file of " + bytesInWords(m_archive.fileBytes()));
        if (*bytes > 0)
            find(tensor, source, size);
        return tensor;
    }

private:
    [[noreturn]] void fail(const std::string& name, const std::string& what) const
    {
        throw Error(m_archive.where() + ": tensor \"" + name.substr(0, 200) + "\" " + what + ".",
                    kDamaged);
    }

    /// The bytes that the view may touch, which have to lie in its storage.
    void find(TorchArchiveTensor& tensor, const PickledTensor& source, std::uint64_t size) const
    {
        const PickledStorage& storage = m_document.storages[source.storage];
        const std::string& name = tensor.info.name;
        const std::string key(storage.key.substr(0, 200));
        const ZipEntry* const entry = m_archive.find(m_folder + "data/" + key);
        if (entry == nullptr)
            fail(name,
                 "has its values in the storage \"" + repairedUtf8(key)
                     + "\", which is not in the archive");
        const auto promised = checkedProduct(
            storage.elements, storage.dtype.empty() ? 1 : elementBytes(storage.dtype));
        if (!promised || *promised != entry->bytes)
            fail(name,
                 "has a storage of " + std::to_string(entry->bytes) + " bytes that should have "
                     + std::to_string(storage.elements) + " elements");
        const std::uint64_t available = entry->bytes / size;
        const auto reach = lastElement(source);
        if (!reach || *reach >= available)
            fail(name,
                 "reaches beyond the end of its storage of " + std::to_string(available)
                     + " elements");
        tensor.entry = static_cast<std::size_t>(entry - m_archive.entries().data());
        tensor.begin = source.first * size;
        tensor.span = (*reach + 1 - source.first) * size;
        tensor.info.offset = entry->offset + (entry->isDeflated ? 0 : tensor.begin);
    }

    /// Index of the last element that the view touches, nothing where it is beyond any memory.
    static std::optional<std::uint64_t> lastElement(const PickledTensor& source)
    {
        std::uint64_t last = source.first;
        for (std::size_t i = 0; i < source.shape.size(); ++i) {
            const auto step = checkedProduct(static_cast<std::uint64_t>(source.shape[i] - 1),
                                             static_cast<std::uint64_t>(source.strides[i]));
            if (!step || *step > ~last)
                return std::nullopt;
            last += *step;
        }
        return last;
    }

    const ZipArchive& m_archive;
    const PickleDocument& m_document;
    std::string m_folder;
    std::uint64_t m_valueBytes = 0;
};

void checkByteOrder(const ZipArchive& archive, const std::string& folder)
{
    const ZipEntry* const entry = archive.find(folder + "byteorder");
    if (entry == nullptr || entry->bytes > 16)
        return;
    std::vector<std::byte> memory;
    const auto bytes = archive.whole(*entry, memory);
    if (std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == "big")
        throw Error(archive.where() + ": its numbers are stored big-endian, as no PC has them.",
                    "Save it again on a PC, or as safetensors.");
}

} // namespace

const ZipEntry* torchPickle(const ZipArchive& archive)
{
    for (const ZipEntry& entry : archive.entries()) {
        const std::size_t slash = entry.name.find('/');
        if (slash != std::string::npos && entry.name.substr(slash + 1) == kPickle)
            return &entry;
    }
    return nullptr;
}

TorchArchive::TorchArchive(ZipArchive archive)
    : m_archive(std::move(archive))
{
    const std::string& where = m_archive.where();
    const ZipEntry* const description = torchPickle(m_archive);
    if (description == nullptr)
        throw Error(where + ": the zip archive has no data.pkl, so it is no PyTorch checkpoint.",
                    "Check whether this is the right file.");
    if (description->bytes > kMostPickle)
        throw Error(where + ": its description alone takes " + bytesInWords(description->bytes)
                        + "; at most " + bytesInWords(kMostPickle) + " are read.",
                    kStateDict);
    const std::string folder =
        description->name.substr(0, description->name.size() - kPickle.size());
    checkByteOrder(m_archive, folder);
    std::vector<std::byte> memory;
    const PickleDocument document = readPickle(m_archive.whole(*description, memory), where);
    NamedValues values = namedValues(document, where);
    if (values.tensors.empty())
        throw Error(where + ": the checkpoint holds no tensor.", kStateDict);
    TensorPlacer placer(m_archive, document, folder);
    m_tensors.reserve(values.tensors.size());
    for (const auto& [name, index] : values.tensors)
        m_tensors.push_back(placer.place(name, document.tensors[index]));
    m_metadata = std::move(values.texts);
}

} // namespace tw
