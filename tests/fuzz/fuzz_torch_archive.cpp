// SPDX-License-Identifier: Apache-2.0
// Zip archives with the directory, every entry unpacked, and PyTorch's description of tensors. A
// second reading takes the input as a bare pickle, which a mutated archive would hardly ever reach.
#include "core/base/error.h"
#include "core/tensorfile/torch_archive.h"
#include "core/tensorfile/torch_names.h"

#include <cstdlib>

namespace {

template <typename Work>
void refusing(Work work)
{
    try {
        work();
    } catch (const tw::Error&) { // refused, as it should be
    }
}

void readArchive(std::span<const std::byte> file)
{
    const tw::ZipArchive archive(file, "input");
    for (const tw::ZipEntry& entry : archive.entries()) {
        if (entry.offset > file.size() || entry.packed > file.size() - entry.offset)
            std::abort();
        std::vector<std::byte> memory;
        refusing([&] { archive.whole(entry, memory); });
    }
}

void readTensors(std::span<const std::byte> file)
{
    const tw::TorchArchive archive(tw::ZipArchive(file, "input"));
    for (const tw::TorchArchiveTensor& tensor : archive.tensors()) {
        if (tensor.info.bytes == 0)
            continue;
        const std::uint64_t bytes = archive.zip().entries().at(tensor.entry).bytes;
        if (tensor.begin > bytes || tensor.span > bytes - tensor.begin)
            std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const auto file = std::as_bytes(std::span(data, size));
    refusing([&] { readArchive(file); });
    refusing([&] { readTensors(file); });
    refusing([&] { tw::namedValues(tw::readPickle(file, "input"), "input"); });
    return 0;
}
